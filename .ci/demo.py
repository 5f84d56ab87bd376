"""Checks what `attendium demo --json` printed: `.ci/demo.py FILE`."""
import json
import sys

demo = json.load(open(sys.argv[1], encoding="utf-8"))
checked_in = demo["checked_in"]
assert list(demo) == ["me", "event", "checked_in", "seen", "refreshes", "steps"], demo
assert list(checked_in) == ["before", "after", "total"], demo
assert demo["me"]["id"] and demo["event"] and demo["steps"], demo
assert checked_in["before"] < checked_in["after"] <= checked_in["total"], demo
assert demo["seen"], demo
assert demo["refreshes"] >= 1, demo
