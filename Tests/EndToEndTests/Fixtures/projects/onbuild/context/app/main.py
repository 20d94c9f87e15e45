import os

print(open("page.txt").read().strip(), os.getuid(), os.environ["MODE"], os.stat("settings.ini").st_uid, open("/tmp/listing").read().split() if os.path.exists("/tmp/listing") else "")
