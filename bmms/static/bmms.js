// The few acts that HTML cannot do alone. Listeners sit on the window and keep no state but one timer, so a swap or
// a Back needs no set-up. Event names are those of htmx 4 (htmx:phase:action) and, beside them, of htmx 2.
(() => {
  const on = (names, act) => names.split(" ").forEach((name) => addEventListener(name, act));
  const byId = (id) => document.getElementById(id);

  // The words stand in <template>s of the page; each message is shown once, however often it is said.
  const say = (id) => byId(id) || byId("toasts").append(byId("say-" + id).content.cloneNode(true));

  const closeMenus = (except) =>
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(except)) menu.open = false;
    });

  on("click", (event) => {
    closeMenus(event.target);
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && byId(opener.dataset.dialog);
    if (dialog && dialog.showModal && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      dialog.showModal();
    }
    const closed = event.target.closest("[data-close]")?.closest("dialog, .toast");
    if (closed) closed.close ? closed.close() : closed.remove();
  });

  on("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.target.closest("details.menu[open]")?.querySelector("summary").focus();
    closeMenus();
  });

  // After a swap: focus what asks for it, say in the title whether there are errors, read out what is new, keep the
  // field in step with its error.
  on("htmx:after:settle htmx:afterSettle", ({ target }) => {
    const find = (selector) => (target.matches?.(selector) ? target : target.querySelector(selector));
    find("[data-focus]")?.focus();
    const title = document.title.replace(/^Error: /, "");
    document.title = document.querySelector(".errors") ? "Error: " + title : title;
    const news = find("[data-announce]");
    if (news) byId("announce").textContent = news.textContent;
    if (target.matches?.(".field__error"))
      document
        .querySelector(`:is(input, select, textarea)[aria-describedby~="${target.id}"]`)
        ?.setAttribute("aria-invalid", target.textContent.trim() !== "");
  });

  const unsent = (form) => form && delete form.dataset.sent;
  on("offline htmx:sendError htmx:timeout", () => say("offline"));
  on("htmx:error htmx:sendError htmx:timeout", ({ target, detail }) => {
    unsent(target.closest?.("form"));
    if (detail.ctx && !detail.ctx.response) say("offline");
  });

  // Signed out: a page loads afresh; a form is posted whole, so that sign-in brings it back filled.
  on("htmx:response:error htmx:responseError", ({ target, detail }) => {
    const { status, headers } = detail.ctx?.response || detail.xhr;
    const form = target.closest?.("form[method=post]");
    unsent(form);
    // BMMS itself, as a rule while it is being maintained, says in a toast what is the matter; a proxy says nothing.
    if (status > 501 && !headers?.has("X-Request-Id")) say("offline");
    if (status !== 401) return;
    if (!form) location.reload();
    else if (form !== target) say("signed-out");
    else {
      form.dataset.sent = "";
      HTMLFormElement.prototype.submit.call(form);
    }
  });

  // Five minutes before an idle session ends (data-idle, in minutes) say so; a poll is no sign of life.
  let rest;
  on("load htmx:after:request htmx:afterRequest", ({ target }) => {
    const minutes = document.body.dataset.idle;
    if (!minutes || target.getAttribute?.("hx-trigger")?.startsWith("every")) return;
    clearTimeout(rest);
    byId("idle")?.remove();
    rest = setTimeout(() => say("idle"), (minutes - 5) * 6e4);
  });

  // Unsaved changes: what differs from the page as it was sent, or was sent back with errors.
  const changed = (field) => {
    if (field.type === "hidden" || field.type === "submit") return false;
    if (field.options) {
      const was = [...field.options].map((option) => option.defaultSelected);
      if (!field.multiple) return field.selectedIndex !== Math.max(0, was.lastIndexOf(true));
      return [...field.options].some((option, index) => option.selected !== was[index]);
    }
    if (/checkbox|radio/.test(field.type)) return field.checked !== field.defaultChecked;
    return "defaultValue" in field && field.value !== field.defaultValue;
  };
  on("submit", ({ target }) => {
    target.dataset.sent = "";
    target.closest("dialog")?.close();
  });
  on("input", ({ target }) => unsent(target.form));
  on("beforeunload", (event) => {
    const open = [...document.querySelectorAll("form[data-warn]:not([data-sent])")];
    if (open.some((form) => form.querySelector(".errors") || [...form.elements].some(changed)))
      event.returnValue = true;
  });
})();
