// A plot of a day that is wider than the screen shows the hour that it is.
"use strict";
for (const line of document.querySelectorAll(".over > .plot .here")) {
  const box = line.closest(".over");
  box.scrollLeft += line.getBoundingClientRect().left - box.getBoundingClientRect().left - box.clientWidth / 2;
}
