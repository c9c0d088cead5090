// What pages do beyond forms and links: keys for choices, the menu of small screens, buttons that wait for a choice.
"use strict";

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (event.key === "/" && !typing) {
    const search = document.querySelector("input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
    return;
  }
  if (typing) {
    return;
  }
  if (event.key === "j" || event.key === "n" || event.key === "p") {
    const rows = [...document.querySelectorAll(".queue .rows a")];
    const at = rows.findIndex((row) => row.hasAttribute("aria-current"));
    const next = rows[event.key === "p" ? at - 1 : at + 1];
    if (next) {
      event.preventDefault();
      next.click();
    }
    return;
  }
  const button = document.querySelector(`button[data-key="${CSS.escape(event.key)}"]`);
  if (button) {
    event.preventDefault();
    button.click();
  }
});

// A statement is run from where it is typed.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

// A form is sent once, however often somebody clicks.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "post") {
    if (form.dataset.sent) {
      event.preventDefault();
    }
    form.dataset.sent = "yes";
  }
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// The menu is open where there is room for it.
const narrow = matchMedia("(max-width: 820px)");
const menu = document.querySelector(".menu");
if (menu) {
  const fit = () => { menu.open = !narrow.matches; };
  fit();
  narrow.addEventListener("change", fit);
}

function count() {
  document.querySelectorAll("button[data-chosen]").forEach((button) => {
    const chosen = button.form.querySelectorAll("input[name=user]:checked").length;
    button.disabled = chosen < Number(button.dataset.chosen);
  });
}
document.addEventListener("change", count);
document.addEventListener("htmx:afterSettle", count);
count();

// A file is sent with a bar that says how much of it is; without this script the browser sends it by itself.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("form[data-upload]")) {
    return;
  }
  event.preventDefault();
  const sending = form.querySelector(".sending");
  const bar = sending.querySelector("progress");
  const lost = sending.querySelector(".fault");
  sending.hidden = false;
  lost.hidden = true;
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "text/html");
  request.upload.addEventListener("progress", (sent) => {
    bar.max = sent.total;
    bar.value = sent.loaded;
  });
  request.addEventListener("load", () => {
    if (request.status < 400) {
      location.assign(request.responseURL);
      return;
    }
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    document.querySelector("#main").replaceWith(page.querySelector("#main"));
  });
  request.addEventListener("error", () => {
    lost.hidden = false;
    delete form.dataset.sent;
  });
  request.send(new FormData(form));
});
