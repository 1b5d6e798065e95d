// Long forms: what is typed goes to the server within five seconds, and waits on this device while the line is down.
// On the device lie unsent fields only, by person and form, for 24 hours at most; never private ones.
(() => {
  const form = () => document.querySelector("form[data-draft]");
  const user = document.body.dataset.user;
  const own = `bmms:${user}:`;
  const place = (at) => own + at.dataset.draft;
  const read = (name) => JSON.parse(localStorage.getItem(name) || "null");
  const tell = (at, words) => at.querySelector("[data-kept]").replaceChildren(words);
  const device = (localStorage["bmms-device"] ||= Math.random().toString(36).slice(2));
  let timer, busy, leaving;

  Object.keys(localStorage).forEach((name) => {
    if (name.startsWith("bmms:") && (!name.startsWith(own) || Date.now() - read(name).at > 864e5))
      localStorage.removeItem(name);
  });

  const values = (at, name) =>
    [...at.elements]
      .filter((field) => field.name === name && (!/checkbox|radio/.test(field.type) || field.checked))
      .flatMap((field) => (field.multiple ? [...field.selectedOptions].map((one) => one.value) : [field.value]));

  const note = (at, { name, type }) => {
    if (!name || /password|file|hidden|submit/.test(type) || /^chosen-|payee/.test(name)) return;
    const kept = read(place(at)) || { fields: {} };
    kept.at = Date.now();
    kept.fields[name] = values(at, name);
    kept.key = at.elements.sent_key.value;
    try {
      // Grows with each key, also when the clock is set back.
      kept.typed = localStorage["bmms-typed"] = Math.max(kept.at, (+localStorage["bmms-typed"] || 0) + 1);
      localStorage.setItem(place(at), JSON.stringify(kept));
    } catch {}
    leaving = false;
    later(at, 3000);
  };

  // Not put off by the next key: who types without a pause is saved too.
  const later = (at, wait) => (timer ||= setTimeout(() => save(at), wait));

  const save = async (at) => {
    timer = clearTimeout(timer);
    const kept = read(place(at));
    if (!kept) return;
    if (busy && !leaving) return later(at, 500); // one after the other, so that the newest stays
    busy = true;
    const body = new FormData();
    for (const name of ["csrf_token", "seen"]) body.append(name, at.elements[name].value);
    body.append("sent_key", kept.key);
    body.append("form_key", at.dataset.draft);
    body.append("device", device);
    body.append("typed_at", kept.typed);
    body.append("label", document.title);
    for (const [name, all] of Object.entries(kept.fields))
      (all.length ? all : [""]).forEach((one) => body.append("f-" + name, one));
    try {
      const answer = await fetch(at.dataset.keep, { method: "POST", body, keepalive: true, signal: AbortSignal.timeout?.(9000) });
      if (!answer.ok) throw 0;
      const { saved, sent } = await answer.json();
      const newest = read(place(at))?.typed === kept.typed;
      // Its answer was lost; this page is for the next thing.
      if (sent && newest && kept.key !== at.elements.sent_key.value) at.reset();
      // The next page, perhaps made before this came up, takes over what lies here.
      if (newest && !leaving) localStorage.removeItem(place(at));
      tell(at, sent ? "Sent" : `Saved ${saved}`);
    } catch {
      tell(at, "Kept on this device");
      later(at, 5000);
    }
    busy = false;
  };

  const restore = () => {
    const at = form();
    const kept = at && read(place(at));
    if (!kept) return;
    // After a crash an older copy may lie here.
    if (kept.typed <= JSON.parse(at.dataset.devices || "{}")[device]) return localStorage.removeItem(place(at));
    for (const [name, all] of Object.entries(kept.fields)) {
      const fields = [...at.elements].filter((field) => field.name === name);
      const boxes = fields.filter((field) => /checkbox|radio/.test(field.type));
      const typed = all.filter((one) => !boxes.some((box) => box.value === one));
      fields.forEach((field) => {
        if (boxes.includes(field)) field.checked = all.includes(field.value);
        else if (field.multiple) [...field.options].forEach((one) => (one.selected = all.includes(one.value)));
        else field.value = typed.shift() ?? "";
      });
    }
    at.elements.former_key.value = kept.key;
    save(at);
  };

  const of = (field) => field.form?.matches("[data-draft]") && field.form;
  addEventListener("input", ({ target }) => of(target) && note(of(target), target));
  addEventListener("change", ({ target }) => of(target) && (note(of(target), target), save(of(target))));
  addEventListener("online", () => form() && save(form()));
  addEventListener("beforeunload", () => (leaving = true));
  addEventListener("pagehide", () => form() && !form().dataset.sent && save(form()));
  addEventListener("submit", ({ target }) => {
    if (target.matches("[data-draft]")) tell(target, "Sending …");
    else if (target.matches("[data-sign-out]")) Object.keys(localStorage).forEach((name) => name.startsWith("bmms:") && localStorage.removeItem(name));
  });
  addEventListener("htmx:after:request", ({ target, detail }) => {
    const status = detail.ctx?.response?.status;
    if (!target.matches?.("[data-draft]") || !status) return;
    if (status < 400) localStorage.removeItem(place(target)), tell(target, "Sent");
  });
  restore();
})();
