"""Sheets that come in as texts, too: CSV files, and cells as spreadsheets copy them."""

from typing import Any

from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.imports import csv_file, table
from bmms.domain.imports.kept import KeptList
from bmms.domain.imports.raw import UnreadableFile
from bmms.domain.imports.working import Found, Record, Sheet

PASTED = "Pasted cells"
_ENDINGS = (".csv", ".tsv", ".txt")


class TextSheet(Sheet[Record, Found]):
    """A sheet that may be a workbook, a text, or cells that were pasted."""

    def require_list(self, content: bytes, file_name: str) -> None:
        if file_name.lower().endswith(_ENDINGS) and content and not table.is_workbook(content):
            if len(content) > table.LARGEST:
                raise UnreadableFile(f"{file_name} is larger than {table.LARGEST // 1024**2} MB. Upload it in parts.")
            csv_file.read(content)
        else:
            table.require_workbook(content, file_name)

    def paste(self, session: Session, actor: Actor, record: Any, text: str) -> KeptList:
        """Take in cells as spreadsheets copy them, separated by tabs; the worker checks them.

        Raises:
            RuleBroken: the record is shut, or these are no cells.
        """
        self.begin(session, actor, record)
        text = text.replace("\x00", "").strip("\r\n")
        first = next((line for line in text.splitlines() if line.strip()), "")
        if "\t" not in first:
            raise RuleBroken("Copy the cells of several columns in a spreadsheet and paste them here.", field="pasted")
        content = text.encode("utf-8", "replace")
        csv_file.read(content)
        return self.keep(session, actor, record, content, PASTED)
