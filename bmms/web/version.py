"""The version that pages print: the top heading of CHANGELOG.md, as packaged."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("bmms")
except PackageNotFoundError:
    VERSION = "unpackaged"
