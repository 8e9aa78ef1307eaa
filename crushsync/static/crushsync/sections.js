// On a phone the sections go beyond the screen: the one that the page belongs to is in sight.
"use strict";
document.querySelector("nav.sections .here")?.scrollIntoView({ block: "nearest", inline: "center" });
