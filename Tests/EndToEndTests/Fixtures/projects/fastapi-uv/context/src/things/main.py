import os

from fastapi import FastAPI
from pydantic import BaseModel, Field

app = FastAPI(title="things")


class Thing(BaseModel):
    name: str = Field(min_length=2)
    count: int = 1


@app.get("/user")
def user() -> dict[str, int]:
    return {"uid": os.getuid()}


@app.post("/things")
def make(thing: Thing) -> Thing:
    return thing
