"""Uses the shopping list in headless Chromium: shopping-list-browser.py URL STEP…

A step is a verb and what it is done with: "add TEXT", "delete TEXT", "sees TEXT", "misses TEXT", "reload", "alert",
"no-alert", "elements NAME COUNT", "run COMMAND" (in a shell, as the world outside the page), "screenshot FILE". The first
step that fails ends with a sentence and exit code 1.
"""

import subprocess
import sys

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

SECONDS = 30


def start():
    options = webdriver.ChromeOptions()
    for option in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=760,560",
                   "--hide-scrollbars", "--disable-gpu", "--no-proxy-server"]:
        options.add_argument(option)
    return webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))


def texts(browser, selector):
    """What the elements show; read at once, as React may replace them at any time."""
    script = "return [...document.querySelectorAll(arguments[0])].map(element => element.textContent)"
    return browser.execute_script(script, selector)


def wait(browser, condition, what):
    try:
        WebDriverWait(browser, SECONDS, poll_frequency=0.2).until(condition)
    except TimeoutException:
        sys.exit(f"{what}: not within {SECONDS} seconds; the page shows {texts(browser, 'main')}")


def add(browser, text):
    browser.find_element(By.CSS_SELECTOR, "form input").send_keys(text)
    browser.find_element(By.CSS_SELECTOR, "form button").click()


def delete(browser, text):
    script = """for (const line of document.querySelectorAll('li'))
        if (line.querySelector('span').textContent === arguments[0]) line.querySelector('button').click()"""
    browser.execute_script(script, text)


def step(browser, text):
    verb, _, rest = text.partition(" ")
    match verb:
        case "add": add(browser, rest)
        case "delete": delete(browser, rest)
        case "sees": wait(browser, lambda _: rest in texts(browser, "li span, .hint"), text)
        case "misses": wait(browser, lambda _: rest not in texts(browser, "li span, .hint"), text)
        case "reload": browser.refresh()
        case "alert": wait(browser, lambda _: any(rest in shown for shown in texts(browser, "[role=alert]")), text)
        case "no-alert": wait(browser, lambda _: not texts(browser, "[role=alert]"), text)
        case "elements":
            name, count = rest.split()
            wait(browser, lambda _: len(texts(browser, f"main {name}")) == int(count), text)
        case "run": subprocess.run(["sh", "-c", rest], check=True)
        case "screenshot": browser.save_screenshot(rest)
        case _: sys.exit(f"{text}: no such step")


def main(address, *steps):
    browser = start()
    try:
        browser.get(address)
        for text in steps:
            step(browser, text)
            print(f"done: {text}")
    finally:
        browser.quit()


main(*sys.argv[1:])
