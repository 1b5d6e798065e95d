"""Who reaches the tables of execution, and what the database itself insists on: E-1 to E-14, two persons (D43)."""

from alembic import op

from migrations.rls import ORGANIZATION, allow, define, keep_history, policy, protect, shut

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CHANGEABLE = (
    "accounting_periods", "allotment_lines", "allotment_orders", "appropriation_lines", "appropriations",
    "budget_change_lines", "budget_changes", "cash_authorities", "cash_controls", "disbursement_lines",
    "disbursements", "obligation_adjustment_lines", "obligation_adjustments", "obligations",
    "opening_lines", "opening_positions", "payees", "validity_extensions",
)  # fmt: skip
PARTS = {
    "appropriation_lines": ("appropriation_id", "appropriations"),
    "allotment_lines": ("order_id", "allotment_orders"),
    "budget_change_lines": ("change_id", "budget_changes"),
    "obligation_lines": ("obligation_id", "obligations"),
    "obligation_adjustment_lines": ("adjustment_id", "obligation_adjustments"),
    "disbursement_lines": ("disbursement_id", "disbursements"),
    "opening_lines": ("opening_id", "opening_positions"),
}  # lines, the column that names their document, and its table
DOCUMENTS = {
    "appropriation": (
        "appropriations", ("in_force", "lapsed"),
        ("fiscal_year", "kind", "reference", "dated", "effective_on", "obligate_until", "pay_until", "total"),
    ),
    "allotment_order": (
        "allotment_orders", ("released",),
        ("fiscal_year", "number", "kind", "dated", "legal_basis", "request", "counterpart", "total"),
    ),
    "budget_change": (
        "budget_changes", ("posted", "reversed"),
        ("fiscal_year", "kind", "reference", "dated", "authority", "cited_law", "savings", "declared_by", "pair_key"),
    ),
    "obligation": (
        "obligations", ("obligated", "closed"),
        ("fiscal_year", "fund_cluster", "ors_no", "dated", "payee_id", "kind", "particulars", "total",
         "requested_by", "certified_by"),
    ),
    "obligation_adjustment": (
        "obligation_adjustments", ("posted",),
        ("obligation_id", "fiscal_year", "norsa_no", "dated", "reason", "closes", "entered_by", "certified_by"),
    ),
    "disbursement": (
        "disbursements", ("paid", "void"),
        ("fiscal_year", "fund_cluster", "dv_no", "dated", "payee_id", "mode", "gross", "tax", "net", "submitted_by",
         "paid_by"),
    ),
    "opening": (
        "opening_positions", ("posted",),
        ("fiscal_year", "reference", "cut_over", "stated_allotted", "stated_obligated", "stated_disbursed"),
    ),
}  # fmt: skip  # kind: its table, the statuses in which it is in the ledger, and what stays as it was posted
OPEN_FOR_EDITING = ("draft", "requested", "for_approval")
TODAY = "(now() AT TIME ZONE 'Asia/Manila')::date"
PERIODS = 7267  # bmms/models/locks.py


def upgrade() -> None:
    """Rows of the own organization; cached totals are written by the ledger alone."""
    for table in CHANGEABLE:
        protect(table, secrets=("tin_sealed", "tin_digest") if table == "payees" else ())
    shut("number_series")
    policy("number_series", "tenant_rows", "ALL", f"organization_id = {ORGANIZATION}")
    allow("number_series", "SELECT, INSERT, UPDATE")
    keep_history("number_series", events="INSERT OR DELETE")  # each document names its number; a jump is audited
    _shut_what_the_ledger_keeps()
    _say_what_documents_say()
    _check_documents()
    _check_days()
    _keep_totals()
    _keep_documents()
    _keep_pairs()


def _shut_what_the_ledger_keeps() -> None:
    """The application adds entries and reads them. It changes none, and no total that is a sum of them."""
    protect("due_notes", rights="SELECT, INSERT")
    kept = ("budget_accounts", "budget_account_objects", "obligation_lines", "ledger_entries", "ledger_postings")
    for table in kept:
        shut(table)
        policy(table, "tenant_rows", "ALL", f"organization_id = {ORGANIZATION}")
    allow("ledger_entries", "SELECT, INSERT")
    allow("budget_account_objects", "SELECT")
    allow("budget_accounts", "SELECT, UPDATE (by_object)")
    keys = "fiscal_year, number, appropriation_id, source, fund_cluster, cost_structure, program_id, expense_class"
    allow("budget_accounts", f"INSERT (organization_id, {keys}, obligate_until, pay_until, by_object, is_demo)")
    content = "obligation_id, account_id, object_code, item_id, amount"
    allow("obligation_lines", f"SELECT, DELETE, INSERT (organization_id, {content}), UPDATE ({content})")
    allow("ledger_postings", "SELECT, INSERT")
    for table in ("ledger_entries", "ledger_postings"):  # added once: the row itself is its history
        keep_history(table, events="UPDATE OR DELETE")
    keep_history("budget_account_objects", events="INSERT OR DELETE OR UPDATE OF is_controlled")
    keep_history("budget_accounts", events="INSERT OR DELETE OR UPDATE OF by_object, obligate_until, pay_until")
    keep_history("obligation_lines", events=f"INSERT OR DELETE OR UPDATE OF {content}")
    op.execute("""
CREATE FUNCTION keep_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.is_demo THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a posting stays as it is; a correction is a posting of its own'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'inv29_never_changed';
END $$
""")
    for table in ("ledger_entries", "ledger_postings", "due_notes"):
        op.execute(
            f"CREATE TRIGGER keep_entries BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION keep_entries()"
        )


def _say_what_documents_say() -> None:
    """One function tells the entries of a document; the application inserts them, the trigger compares with it."""
    op.execute("""
CREATE FUNCTION entries_of(its_kind text, its_id bigint, its_verb text DEFAULT 'post')
RETURNS TABLE (account_id bigint, object_code varchar, obligation_line_id bigint, measure varchar,
               statement_column varchar, amount numeric, doc_date date)
LANGUAGE plpgsql STABLE ROWS 4 AS $$
#variable_conflict use_column
BEGIN
    IF its_verb = 'reverse' THEN
        RETURN QUERY
        SELECT entry.account_id, entry.object_code, entry.obligation_line_id, entry.measure, entry.statement_column,
               -entry.amount,
               CASE its_kind WHEN 'disbursement' THEN (SELECT voided_on FROM disbursements WHERE id = its_id)
                             ELSE (SELECT reversed_on FROM budget_changes WHERE id = its_id) END
        FROM ledger_entries entry JOIN ledger_postings posting ON posting.id = entry.posting_id
        WHERE posting.document_kind = its_kind AND posting.document_id = its_id AND posting.verb = 'post'
          AND entry.measure <> 'due' AND its_kind IN ('disbursement', 'budget_change');
    ELSIF its_kind = 'obligation' THEN
        RETURN QUERY
        SELECT line.account_id, line.object_code, line.id, 'obligation'::varchar, 'obligation'::varchar, line.amount,
               document.dated
        FROM obligations document JOIN obligation_lines line ON line.obligation_id = document.id
        WHERE document.id = its_id AND NOT document.is_opening;
    ELSIF its_kind = 'disbursement' THEN
        RETURN QUERY
        WITH paying AS (
            SELECT line.account_id, line.object_code, line.id, sum(part.amount) AS amount, document.dated,
                   greatest(line.paid + sum(part.amount) - line.due, 0) AS not_yet_due
            FROM disbursements document JOIN disbursement_lines part ON part.disbursement_id = document.id
            JOIN obligation_lines line ON line.id = part.line_id
            WHERE document.id = its_id GROUP BY line.id, document.id
        )
        SELECT paying.account_id, paying.object_code, paying.id, 'disbursement'::varchar, 'disbursement'::varchar,
               paying.amount, paying.dated FROM paying
        UNION ALL
        SELECT paying.account_id, paying.object_code, paying.id, 'due', 'due', paying.not_yet_due, paying.dated
        FROM paying WHERE paying.not_yet_due > 0;
    ELSIF its_kind = 'allotment_order' THEN
        RETURN QUERY
        SELECT line.account_id, line.object_code, NULL::bigint, 'allotment'::varchar,
               (CASE document.kind WHEN 'withdrawal' THEN 'allotment_adjustment'
                    WHEN 'transfer' THEN CASE line.direction WHEN 1 THEN 'transfer_from' ELSE 'transfer_to' END
                    ELSE 'received' END)::varchar,
               line.amount * line.direction, document.dated
        FROM allotment_orders document JOIN allotment_lines line ON line.order_id = document.id
        WHERE document.id = its_id;
    ELSIF its_kind = 'obligation_adjustment' THEN
        RETURN QUERY
        SELECT line.account_id, line.object_code, line.id, 'obligation'::varchar, 'obligation'::varchar, part.amount,
               document.dated
        FROM obligation_adjustments document
        JOIN obligation_adjustment_lines part ON part.adjustment_id = document.id
        JOIN obligation_lines line ON line.id = part.line_id AND line.obligation_id = document.obligation_id
        WHERE document.id = its_id;
    ELSIF its_kind = 'due_note' THEN
        RETURN QUERY
        SELECT line.account_id, line.object_code, line.id, 'due'::varchar, 'due'::varchar, document.amount,
               document.dated
        FROM due_notes document JOIN obligation_lines line ON line.id = document.line_id
        WHERE document.id = its_id;
    ELSIF its_kind = 'budget_change' THEN
        RETURN QUERY
        SELECT line.account_id, line.object_code, NULL::bigint, moved.measure::varchar, moved.its_column::varchar,
               moved.amount, document.dated
        FROM budget_changes document JOIN budget_change_lines line ON line.change_id = document.id
        CROSS JOIN LATERAL (VALUES
            ('adjustment', 'adjustment', line.appropriation),
            ('allotment', CASE WHEN document.pair_key IS NULL THEN 'allotment_adjustment'
                               WHEN line.allotment > 0 THEN 'transfer_from' ELSE 'transfer_to' END, line.allotment)
        ) AS moved (measure, its_column, amount)
        WHERE document.id = its_id AND moved.amount <> 0;
    ELSIF its_kind = 'appropriation' THEN
        RETURN QUERY
        SELECT account.id, NULL::varchar, NULL::bigint, 'authorised'::varchar, 'authorised'::varchar, line.amount,
               document.effective_on
        FROM appropriations document JOIN appropriation_lines line ON line.appropriation_id = document.id
        JOIN budget_accounts account ON account.appropriation_id = document.id AND account.source = line.source
         AND account.fund_cluster = line.fund_cluster AND account.cost_structure IS NOT DISTINCT FROM line.cost_structure
         AND account.program_id IS NOT DISTINCT FROM line.program_id AND account.expense_class = line.expense_class
        WHERE document.id = its_id;
    ELSIF its_kind = 'opening' THEN
        RETURN QUERY
        SELECT line.account_id, line.object_code, line.line_id, moved.measure::varchar, moved.its_column::varchar,
               moved.amount, line.dated
        FROM opening_lines line CROSS JOIN LATERAL (VALUES
            ('allotment', 'received', line.allotted), ('obligation', 'obligation', line.obligated),
            ('due', 'due', line.due), ('disbursement', 'disbursement', line.disbursed)
        ) AS moved (measure, its_column, amount)
        WHERE line.opening_id = its_id AND moved.amount <> 0;
    END IF;
END $$
""")
    op.execute("REVOKE ALL ON FUNCTION entries_of(text, bigint, text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION entries_of(text, bigint, text) TO bmms_app")


def _check_documents() -> None:
    """A posting says what its document says (E-7); the document is ready, and its preparer did not post it."""
    define(
        "require_document",
        "require_document(ledger_postings)",
        """
(posting ledger_postings) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found record;
    reversing boolean := posting.verb = 'reverse';
    stated numeric;
    said numeric;
BEGIN
    CASE posting.document_kind
    WHEN 'appropriation' THEN
        SELECT organization_id, status = 'in_force' AS ready, confirmed_by AS poster, ARRAY[entered_by] AS others,
               effective_on AS doc_date, is_demo, total,
               (SELECT sum(amount) FROM appropriation_lines WHERE appropriation_id = document.id) AS lines
        INTO found FROM appropriations document WHERE id = posting.document_id;
    WHEN 'allotment_order' THEN
        SELECT organization_id, status = 'released' AS ready, released_by AS poster, ARRAY[entered_by] AS others,
               dated AS doc_date, is_demo, total,
               (SELECT CASE document.kind WHEN 'transfer' THEN abs(sum(amount * direction)) ELSE sum(amount) END
                FROM allotment_lines WHERE order_id = document.id) AS lines
        INTO found FROM allotment_orders document WHERE id = posting.document_id;
    WHEN 'budget_change' THEN
        SELECT organization_id, status = CASE WHEN reversing THEN 'reversed' ELSE 'posted' END AS ready,
               NULL::bigint AS poster, ARRAY[]::bigint[] AS others,
               CASE WHEN reversing THEN reversed_on ELSE dated END AS doc_date, is_demo, 0::numeric AS total, 0::numeric AS lines
        INTO found FROM budget_changes document WHERE id = posting.document_id AND approved_by IS NOT NULL;
    WHEN 'obligation' THEN
        SELECT organization_id, status = 'obligated' AND NOT is_opening AS ready, certified_by AS poster,
               ARRAY[requested_by, entered_by] AS others, dated AS doc_date, is_demo, total,
               (SELECT sum(amount) FROM obligation_lines WHERE obligation_id = document.id) AS lines
        INTO found FROM obligations document WHERE id = posting.document_id;
    WHEN 'obligation_adjustment' THEN
        SELECT organization_id, status = 'posted' AS ready, certified_by AS poster, ARRAY[entered_by] AS others,
               dated AS doc_date, is_demo, 0::numeric AS total, 0::numeric AS lines
        INTO found FROM obligation_adjustments document WHERE id = posting.document_id;
    WHEN 'due_note' THEN
        SELECT organization_id, true AS ready, entered_by AS poster, ARRAY[]::bigint[] AS others, dated AS doc_date,
               is_demo, 0::numeric AS total, 0::numeric AS lines
        INTO found FROM due_notes document WHERE id = posting.document_id;
    WHEN 'disbursement' THEN
        SELECT document.organization_id, document.status = CASE WHEN reversing THEN 'void' ELSE 'paid' END AS ready,
               CASE WHEN reversing THEN voided_by ELSE paid_by END AS poster,
               CASE WHEN reversing THEN ARRAY[void_asked_by] ELSE submitted_by || ARRAY(
                   SELECT obligation.certified_by FROM disbursement_lines part
                   JOIN obligation_lines line ON line.id = part.line_id
                   JOIN obligations obligation ON obligation.id = line.obligation_id
                   WHERE part.disbursement_id = document.id AND obligation.certified_by IS NOT NULL) END AS others,
               CASE WHEN reversing THEN voided_on ELSE dated END AS doc_date, is_demo, gross AS total,
               (SELECT sum(amount) FROM disbursement_lines WHERE disbursement_id = document.id) AS lines
        INTO found FROM disbursements document WHERE id = posting.document_id;
    WHEN 'opening' THEN
        SELECT organization_id, status = 'posted' AS ready, confirmed_by AS poster, ARRAY[entered_by] AS others,
               cut_over AS doc_date, is_demo, stated_allotted + stated_obligated + stated_disbursed AS total,
               (SELECT sum(allotted + obligated + disbursed) FROM opening_lines WHERE opening_id = document.id) AS lines
        INTO found FROM opening_positions document WHERE id = posting.document_id;
    END CASE;
    IF found.organization_id IS DISTINCT FROM posting.organization_id OR NOT coalesce(found.ready, false) THEN
        RAISE EXCEPTION 'a posting belongs to a document that is ready for it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'document_ready';
    END IF;
    IF posting.document_kind <> 'budget_change' AND found.poster IS DISTINCT FROM posting.posted_by
       OR posting.posted_by = ANY (found.others) THEN
        RAISE EXCEPTION 'nobody posts what he or she prepared'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'two_persons';
    END IF;
    IF found.total <> found.lines OR found.lines IS NULL THEN
        RAISE EXCEPTION 'E-7: the lines do not come to the total of the document'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'e7_lines_of_document';
    END IF;
    IF found.doc_date IS DISTINCT FROM posting.doc_date OR found.is_demo <> posting.is_demo THEN
        RAISE EXCEPTION 'E-7: the posting has another day, or mixes demo with real'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'e7_lines_of_document';
    END IF;
END $$
""",
        callers="",
    )


def _check_days() -> None:
    """E-8, E-9, E-12, E-13: windows, closed months, and every day from the first that a posting touches."""
    op.execute("""
CREATE FUNCTION may_charge(account budget_accounts, day date, what text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT day <= CASE what WHEN 'obligation' THEN account.obligate_until ELSE account.pay_until END
        OR EXISTS (
            SELECT FROM validity_extensions law
            WHERE law.appropriation_id = account.appropriation_id AND law.confirmed_at IS NOT NULL
              AND coalesce(law.expense_class, account.expense_class) = account.expense_class
              AND day >= law.effective_on
              AND day <= CASE what WHEN 'obligation' THEN law.obligate_until ELSE law.pay_until END)
$$
""")
    op.execute("REVOKE ALL ON FUNCTION may_charge(budget_accounts, date, text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION may_charge(budget_accounts, date, text) TO bmms_app")
    op.execute("""
CREATE FUNCTION first_day_out_of_order(its_id bigint, since date) RETURNS date
LANGUAGE sql STABLE AS $$
    SELECT min(doc_date) FROM (
        SELECT doc_date,
               sum(sum(amount) FILTER (WHERE measure IN ('authorised', 'adjustment'))) OVER days AS appropriated,
               sum(sum(amount) FILTER (WHERE measure = 'allotment')) OVER days AS allotted,
               sum(sum(amount) FILTER (WHERE measure = 'obligation')) OVER days AS obligated,
               sum(sum(amount) FILTER (WHERE measure = 'disbursement')) OVER days AS disbursed
        FROM ledger_entries WHERE account_id = its_id
        GROUP BY doc_date WINDOW days AS (ORDER BY doc_date)
    ) AS running
    WHERE doc_date >= since
      AND NOT (0 <= coalesce(disbursed, 0) AND coalesce(disbursed, 0) <= coalesce(obligated, 0)
               AND coalesce(obligated, 0) <= coalesce(allotted, 0)
               AND coalesce(allotted, 0) <= coalesce(appropriated, 0))
$$
""")
    op.execute("REVOKE ALL ON FUNCTION first_day_out_of_order(bigint, date) FROM PUBLIC")
    define(
        "require_days",
        "require_days(bigint, date)",
        f"""
(its_organization bigint, since date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({PERIODS}, its_organization::integer);
    IF EXISTS (SELECT FROM accounting_periods WHERE organization_id = its_organization AND is_closed
               AND month >= date_trunc('month', since)::date) THEN
        RAISE EXCEPTION 'E-13: the month is closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'e13_closed_month';
    END IF;
END $$
""",
        callers="",
    )


def _keep_totals() -> None:
    """The heart of the ledger: after one INSERT of all entries, all rules at once, with the accounts locked in order."""
    define(
        "keep_the_ledger",
        "keep_the_ledger()",
        f"""
() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    posting ledger_postings;
    wrong record;
    told record;
BEGIN
    PERFORM FROM budget_accounts WHERE id IN (SELECT account_id FROM fresh) ORDER BY id FOR NO KEY UPDATE;
    SELECT organization_id, min(posting_id) AS posting_id, min(doc_date) AS since,
           count(DISTINCT posting_id) AS postings,
           count(DISTINCT (account_id, object_code)) FILTER (WHERE object_code IS NOT NULL) AS objects,
           bool_or(measure = 'disbursement' AND amount > 0) AS pays,
           bool_or(obligation_line_id IS NOT NULL) AS names_lines
    INTO told FROM fresh GROUP BY organization_id;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF told.postings > 1 THEN
        RAISE EXCEPTION 'E-7: one document at a time'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'e7_lines_of_document';
    END IF;
    SELECT * INTO posting FROM ledger_postings WHERE id = told.posting_id;
    PERFORM require_document(posting);
    IF EXISTS (
        SELECT FROM (
            SELECT account_id, object_code, obligation_line_id, measure, statement_column, amount, doc_date, 1 AS n
            FROM fresh WHERE posting_id = posting.id
            UNION ALL
            SELECT account_id, object_code, obligation_line_id, measure, statement_column, amount, doc_date, -1
            FROM entries_of(posting.document_kind, posting.document_id, posting.verb)
        ) AS both_sides
        GROUP BY account_id, object_code, obligation_line_id, measure, statement_column, amount, doc_date
        HAVING sum(n) <> 0
    ) OR (SELECT count(*) FROM fresh WHERE posting_id = posting.id)
      <> (SELECT count(*) FROM ledger_entries WHERE posting_id = posting.id) THEN
        RAISE EXCEPTION 'E-7: the entries are not what the document says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'e7_lines_of_document';
    END IF;
    IF posting.document_kind <> 'appropriation' AND posting.doc_date > {TODAY} THEN
        RAISE EXCEPTION 'the day of the document lies in the future'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'not_in_the_future';
    END IF;
    IF posting.document_kind = 'allotment_order' AND EXISTS (
        SELECT FROM allotment_orders document JOIN allotment_lines line ON line.order_id = document.id
        JOIN budget_accounts account ON account.id = line.account_id
        WHERE document.id = posting.document_id
          AND (document.kind = 'comprehensive' AND account.expense_class NOT IN ('PS', 'MOOE')
               OR document.kind IN ('comprehensive', 'special') AND line.direction <> 1
               OR document.kind = 'withdrawal' AND line.direction <> -1)) THEN
        RAISE EXCEPTION 'E-14: a comprehensive order releases PS and MOOE only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'e14_order';
    END IF;
    IF posting.document_kind = 'budget_change' THEN
        PERFORM require_authority(posting.document_id);
    END IF;

    PERFORM require_days(told.organization_id, told.since);

    SELECT account.id, CASE
        WHEN account.is_demo <> fresh.is_demo OR law.status = 'draft' THEN 'inv33_in_force'
        WHEN object.expense_class <> account.expense_class THEN 'object_of_class'
        ELSE 'e8_window' END AS rule
    INTO wrong FROM fresh JOIN budget_accounts account ON account.id = fresh.account_id
    JOIN appropriations law ON law.id = account.appropriation_id
    LEFT JOIN object_codes object ON object.code = fresh.object_code
    WHERE account.is_demo <> fresh.is_demo OR law.status = 'draft' OR object.expense_class <> account.expense_class
       OR fresh.measure IN ('obligation', 'disbursement') AND fresh.amount > 0
          AND (fresh.doc_date > account.obligate_until AND NOT may_charge(account, fresh.doc_date, fresh.measure)
               OR extract(year FROM fresh.doc_date) < account.fiscal_year)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'INV-33, E-8: not in force, of another class, or outside the days of charging: %', wrong.rule
            USING ERRCODE = 'check_violation', CONSTRAINT = wrong.rule, DETAIL = wrong.id;
    END IF;

    SELECT account.id INTO wrong FROM (
        SELECT account_id, min(doc_date) AS since, max(doc_date) AS until FROM fresh GROUP BY account_id
    ) AS touched JOIN budget_accounts account ON account.id = touched.account_id
    WHERE (account.last_on > touched.since OR touched.until > touched.since)
      AND first_day_out_of_order(account.id, touched.since) IS NOT NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'E-12: on a later day the account would be overdrawn'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'e12_each_day', DETAIL = wrong.id;
    END IF;

    IF told.names_lines AND posting.document_kind <> 'obligation' THEN
        UPDATE obligation_lines line SET adjusted = line.adjusted + moved.adjusted, due = line.due + moved.due,
               paid = line.paid + moved.paid
        FROM (
            SELECT obligation_line_id AS id,
                   coalesce(sum(amount) FILTER (WHERE measure = 'obligation'
                       AND document_kind = 'obligation_adjustment'), 0) AS adjusted,
                   coalesce(sum(amount) FILTER (WHERE measure = 'due'), 0) AS due,
                   coalesce(sum(amount) FILTER (WHERE measure = 'disbursement'), 0) AS paid
            FROM fresh JOIN ledger_postings ON ledger_postings.id = fresh.posting_id
            WHERE obligation_line_id IS NOT NULL GROUP BY obligation_line_id
        ) AS moved WHERE moved.id = line.id AND (moved.adjusted, moved.due, moved.paid) <> (0, 0, 0);
        SELECT line_id INTO wrong FROM (
            SELECT entry.obligation_line_id AS line_id,
                   sum(sum(amount) FILTER (WHERE measure = 'obligation')) OVER days AS obligated,
                   sum(sum(amount) FILTER (WHERE measure = 'due')) OVER days AS due,
                   sum(sum(amount) FILTER (WHERE measure = 'disbursement')) OVER days AS paid
            FROM ledger_entries entry
            WHERE entry.obligation_line_id IN (SELECT obligation_line_id FROM fresh)
            GROUP BY entry.obligation_line_id, doc_date
            WINDOW days AS (PARTITION BY entry.obligation_line_id ORDER BY doc_date)
        ) AS running
        WHERE NOT (0 <= coalesce(paid, 0) AND coalesce(paid, 0) <= coalesce(due, 0)
                   AND coalesce(due, 0) <= coalesce(obligated, 0)) LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'E-9: paid or due before it was obligated'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'e9_order_of_days', DETAIL = wrong.line_id;
        END IF;
    END IF;

    IF told.objects > 0 THEN
        IF told.objects > (SELECT count(*) FROM budget_account_objects WHERE (account_id, object_code) IN (
                SELECT account_id, object_code FROM fresh)) THEN
            INSERT INTO budget_account_objects (organization_id, account_id, object_code, is_controlled)
            SELECT DISTINCT organization_id, account_id, object_code, false FROM fresh WHERE object_code IS NOT NULL
            ON CONFLICT (account_id, object_code) DO NOTHING;
        END IF;
        UPDATE budget_account_objects part SET allotted = part.allotted + moved.allotted,
               obligated = part.obligated + moved.obligated, disbursed = part.disbursed + moved.disbursed,
               -- an object that becomes controlled while more is obligated than allotted stops no payment
               is_controlled = moved.is_controlled
                   AND (part.is_controlled OR moved.obligated > 0 OR part.obligated <= part.allotted)
        FROM (
            SELECT fresh.account_id, fresh.object_code,
                   bool_or(account.by_object OR object.is_controlled) AS is_controlled,
                   coalesce(sum(amount) FILTER (WHERE measure = 'allotment'), 0) AS allotted,
                   coalesce(sum(amount) FILTER (WHERE measure = 'obligation'), 0) AS obligated,
                   coalesce(sum(amount) FILTER (WHERE measure = 'disbursement'), 0) AS disbursed
            FROM fresh JOIN budget_accounts account ON account.id = fresh.account_id
            JOIN object_codes object ON object.code = fresh.object_code
            GROUP BY fresh.account_id, fresh.object_code
        ) AS moved WHERE moved.account_id = part.account_id AND moved.object_code = part.object_code;
    END IF;

    UPDATE budget_accounts account SET authorised = account.authorised + moved.authorised,
           adjustment = account.adjustment + moved.adjustment, allotted = account.allotted + moved.allotted,
           obligated = account.obligated + moved.obligated, disbursed = account.disbursed + moved.disbursed,
           last_on = greatest(account.last_on, moved.last_on)
    FROM (
        SELECT account_id, coalesce(sum(amount) FILTER (WHERE measure = 'authorised'), 0) AS authorised,
               coalesce(sum(amount) FILTER (WHERE measure = 'adjustment'), 0) AS adjustment,
               coalesce(sum(amount) FILTER (WHERE measure = 'allotment'), 0) AS allotted,
               coalesce(sum(amount) FILTER (WHERE measure = 'obligation'), 0) AS obligated,
               coalesce(sum(amount) FILTER (WHERE measure = 'disbursement'), 0) AS disbursed,
               max(doc_date) AS last_on
        FROM fresh GROUP BY account_id
    ) AS moved WHERE moved.account_id = account.id;

    IF NOT told.pays THEN
        RETURN NULL;
    END IF;
    SELECT account.fund_cluster INTO wrong FROM fresh JOIN budget_accounts account ON account.id = fresh.account_id
    JOIN cash_controls control ON control.organization_id = fresh.organization_id
     AND control.fund_cluster = account.fund_cluster AND fresh.doc_date >= control.enforced_from
    WHERE fresh.measure = 'disbursement' AND fresh.amount > 0
      AND cash_is_short(fresh.organization_id, account.fund_cluster, control.enforced_from) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'E-10: more would be paid than cash was received'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'e10_cash', DETAIL = wrong.fund_cluster;
    END IF;
    RETURN NULL;
END $$
""",
        callers="",
    )
    op.execute("""
CREATE FUNCTION cash_is_short(its_organization bigint, its_cluster text, since date) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM (
            SELECT day, sum(sum(received)) OVER (ORDER BY day) AS received, sum(sum(paid)) OVER (ORDER BY day) AS paid
            FROM (
                SELECT received_on AS day, amount AS received, 0 AS paid FROM cash_authorities
                WHERE organization_id = its_organization AND fund_cluster = its_cluster AND confirmed_at IS NOT NULL
                UNION ALL
                SELECT entry.doc_date, 0, entry.amount FROM ledger_entries entry
                JOIN budget_accounts account ON account.id = entry.account_id
                WHERE entry.organization_id = its_organization AND account.fund_cluster = its_cluster
                  AND entry.measure = 'disbursement' AND entry.doc_date >= since
            ) AS moved GROUP BY day
        ) AS running WHERE paid > received AND day >= since)
$$
""")
    op.execute("REVOKE ALL ON FUNCTION cash_is_short(bigint, text, date) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION cash_is_short(bigint, text, date) TO bmms_app")
    op.execute(
        "CREATE TRIGGER keep_the_ledger AFTER INSERT ON ledger_entries REFERENCING NEW TABLE AS fresh "
        "FOR EACH STATEMENT EXECUTE FUNCTION keep_the_ledger()"
    )
    define(
        "require_authority",
        "require_authority(bigint)",
        """
(its_id bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    change budget_changes;
    sums record;
BEGIN
    SELECT * INTO change FROM budget_changes WHERE id = its_id;
    SELECT sum(line.appropriation) AS appropriation, sum(line.allotment) AS allotment,
           coalesce(sum(line.appropriation) FILTER (WHERE account.expense_class = 'PS'), 0) AS ps,
           count(DISTINCT account.appropriation_id) AS laws,
           count(DISTINCT (account.cost_structure, account.program_id)) AS programs,
           bool_or(account.fiscal_year <> change.fiscal_year) AS other_year
    INTO sums FROM budget_change_lines line JOIN budget_accounts account ON account.id = line.account_id
    WHERE line.change_id = its_id;
    IF change.kind IN ('realignment', 'augmentation')
       AND (sums.appropriation <> 0 OR sums.allotment <> 0 OR sums.ps > 0 AND change.cited_law = ''
            OR sums.laws > 1 OR sums.other_year OR change.kind = 'realignment' AND sums.programs > 1) THEN
        RAISE EXCEPTION 'INV-34: a realignment comes to zero, in one program, and adds nothing to PS without a law'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'inv34_zero_sum';
    END IF;
    IF change.kind IN ('transfer_out', 'reduction', 'reversion') AND (sums.appropriation > 0 OR sums.allotment > 0)
       OR change.kind IN ('transfer_in', 'supplement', 'carry_over')
          AND (sums.appropriation < 0 OR sums.allotment < 0) THEN
        RAISE EXCEPTION 'a change of this kind has the other sign'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sign_of_change';
    END IF;
END $$
""",
        callers="",
    )


def _keep_documents() -> None:
    """Lines change while their document is open; what is in the ledger stays as it was posted, and only that is."""
    op.execute(f"""
CREATE FUNCTION keep_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    row_now jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
    row_before jsonb := to_jsonb(CASE WHEN TG_OP = 'INSERT' THEN NEW ELSE OLD END);
    its_status text;
BEGIN
    IF row_now -> TG_ARGV[0] <> row_before -> TG_ARGV[0] THEN
        RAISE EXCEPTION 'a line stays in its document'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'document_open';
    END IF;
    EXECUTE format('SELECT status FROM %I WHERE id = $1 FOR SHARE', TG_ARGV[1])
        INTO its_status USING (row_now ->> TG_ARGV[0])::bigint;
    IF its_status NOT IN {OPEN_FOR_EDITING} THEN
        RAISE EXCEPTION 'the lines of a document change while it is open'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'document_open';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$
""")
    content = "obligation_id, account_id, object_code, item_id, amount"
    for table, (column, parent) in PARTS.items():
        columns = f" OF {content}" if table == "obligation_lines" else ""
        op.execute(
            f"CREATE TRIGGER keep_lines BEFORE INSERT OR UPDATE{columns} OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION keep_lines('{column}', '{parent}')"
        )
    op.execute("""
CREATE FUNCTION keep_posted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    row_now jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(NEW) END;
    name text;
BEGIN
    IF TG_OP = 'DELETE' AND to_jsonb(OLD) -> 'is_demo' = 'true'
       OR NOT EXISTS (SELECT FROM ledger_postings WHERE document_kind = TG_ARGV[0] AND document_id = OLD.id)
          AND NOT (TG_ARGV[0] = 'obligation' AND to_jsonb(OLD) -> 'is_opening' = 'true' AND EXISTS (
              SELECT FROM obligation_lines line JOIN ledger_entries entry ON entry.obligation_line_id = line.id
              WHERE line.obligation_id = OLD.id)) THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'what is in the ledger stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'inv29_never_changed';
    END IF;
    FOREACH name IN ARRAY string_to_array(TG_ARGV[1], ' ') LOOP
        IF row_now -> name IS DISTINCT FROM to_jsonb(OLD) -> name THEN
            RAISE EXCEPTION 'what is in the ledger stays as it was posted: %', name
                USING ERRCODE = 'check_violation', CONSTRAINT = 'inv29_never_changed';
        END IF;
    END LOOP;
    IF NOT row_now ->> 'status' = ANY (string_to_array(TG_ARGV[2], ' ')) THEN
        RAISE EXCEPTION 'what is in the ledger stays there'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'inv29_never_changed';
    END IF;
    RETURN NEW;
END $$
""")
    op.execute("""
CREATE FUNCTION require_posting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    row_now jsonb := to_jsonb(NEW);
    needed text := CASE WHEN row_now ->> 'status' IN ('void', 'reversed') THEN 'reverse' ELSE 'post' END;
BEGIN
    IF row_now ->> 'status' = ANY (string_to_array(TG_ARGV[1], ' ')) AND NOT coalesce((row_now ->> 'is_opening')::boolean, false)
       AND NOT EXISTS (SELECT FROM ledger_postings WHERE document_kind = TG_ARGV[0] AND document_id = NEW.id
                       AND verb = needed) THEN
        RAISE EXCEPTION 'a document with this status is in the ledger'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'inv31_posted_or_not';
    END IF;
    RETURN NULL;
END $$
""")
    for kind, (table, posted, content_columns) in DOCUMENTS.items():
        op.execute(
            f"CREATE TRIGGER keep_posted BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW "
            f"EXECUTE FUNCTION keep_posted('{kind}', '{' '.join(content_columns)}', '{' '.join(posted)}')"
        )
        op.execute(
            f"CREATE CONSTRAINT TRIGGER require_posting AFTER INSERT OR UPDATE OF status ON {table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
            f"EXECUTE FUNCTION require_posting('{kind}', '{' '.join(posted)}')"
        )


def _keep_pairs() -> None:
    """A posting has entries; both sides of a transfer are posted in one transaction, and come to zero together."""
    define(
        "require_entries",
        "require_entries()",
        """
() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    change budget_changes;
    sums record;
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_entries WHERE posting_id = NEW.id) THEN
        RAISE EXCEPTION 'a posting has entries'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'e7_lines_of_document';
    END IF;
    IF NEW.document_kind = 'budget_change' THEN
        SELECT * INTO change FROM budget_changes WHERE id = NEW.document_id;
        IF change.pair_key IS NOT NULL THEN
            SELECT count(DISTINCT posting.id) AS sides, count(DISTINCT document.organization_id) AS organizations,
                   sum(entry.amount) FILTER (WHERE entry.measure = 'adjustment') AS appropriation,
                   sum(entry.amount) FILTER (WHERE entry.measure = 'allotment') AS allotment
            INTO sums FROM budget_changes document
            JOIN ledger_postings posting ON posting.document_kind = 'budget_change'
             AND posting.document_id = document.id AND posting.verb = NEW.verb
            JOIN ledger_entries entry ON entry.posting_id = posting.id
            WHERE document.pair_key = change.pair_key;
            IF (sums.sides, sums.organizations) <> (2, 2) OR coalesce(sums.appropriation, 0) <> 0
               OR coalesce(sums.allotment, 0) <> 0 THEN
                RAISE EXCEPTION 'both sides of a transfer are posted together and come to zero'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'both_sides';
            END IF;
        END IF;
    END IF;
    RETURN NULL;
END $$
""",
        callers="",
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER require_entries AFTER INSERT ON ledger_postings DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION require_entries()"
    )


def downgrade() -> None:
    """Triggers go with their tables in 0015; functions go here."""
    for table in DOCUMENTS.values():
        op.execute(f"DROP TRIGGER keep_posted ON {table[0]}")
        op.execute(f"DROP TRIGGER require_posting ON {table[0]}")
    for table in PARTS:
        op.execute(f"DROP TRIGGER keep_lines ON {table}")
    for table in ("ledger_entries", "ledger_postings", "due_notes"):
        op.execute(f"DROP TRIGGER keep_entries ON {table}")
    op.execute("DROP TRIGGER keep_the_ledger ON ledger_entries")
    op.execute("DROP TRIGGER require_entries ON ledger_postings")
    for function in (
        "require_entries()", "require_posting()", "keep_posted()", "keep_lines()", "keep_the_ledger()",
        "cash_is_short(bigint, text, date)", "require_authority(bigint)", "require_days(bigint, date)",
        "first_day_out_of_order(bigint, date)", "may_charge(budget_accounts, date, text)",
        "require_document(ledger_postings)", "entries_of(text, bigint, text)", "keep_entries()",
    ):  # fmt: skip
        op.execute(f"DROP FUNCTION {function}")
