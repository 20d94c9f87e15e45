import os

from flask import Flask, jsonify, render_template
from markupsafe import _speedups

app = Flask(__name__)


@app.get("/")
def page():
    return render_template("page.html", name="<world>", user=os.getuid())


@app.get("/native")
def native():
    return jsonify(native=_speedups.__file__.endswith(".so"))
