// What makes the page hard to read or to use on a screen of the given width, one sentence each.
const problems = [];
const root = document.documentElement;

if (root.scrollWidth > root.clientWidth)
    problems.push(`sticks out by ${root.scrollWidth - root.clientWidth} pixels`);
// Without a viewport a phone lays the page out for a desk and shrinks it.
if (root.clientWidth > arguments[0]) problems.push(`laid out ${root.clientWidth} pixels wide`);

const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
const luminance = (colour) => {
    const [red, green, blue] = parts(colour).map((part) => {
        part /= 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
// The colour behind an element: that of the nearest one that has any.
const ground = (element) => {
    for (; element; element = element.parentElement) {
        const colour = getComputedStyle(element).backgroundColor;
        const alpha = parts(colour)[3];
        if (alpha === undefined || alpha === 1) return colour;
        if (alpha !== 0) problems.push(`cannot measure on ${colour}`);
    }
    problems.push('no colour behind the text');
    return 'rgb(255, 255, 255)';
};

const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let measured = 0;
while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim();
    const element = texts.currentNode.parentElement;
    if (!text || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const [one, other] = [luminance(style.color), luminance(ground(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) problems.push(`contrast ${ratio.toFixed(2)}: ${text}`);
    if (parseFloat(style.fontSize) < 12) problems.push(`letters of ${style.fontSize}: ${text}`);
    measured += 1;
}
if (measured === 0) problems.push('no text');
if (parseFloat(getComputedStyle(document.body).fontSize) < 15) problems.push('small letters');

for (const input of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
    if (![...input.labels].some((label) => label.textContent.trim()))
        problems.push(`no label: ${input.name}`);
}
// WCAG 2.2, success criterion 2.5.8.
for (const button of document.querySelectorAll('button')) {
    const { width, height } = button.getBoundingClientRect();
    if (Math.min(width, height) < 24) problems.push(`too small to hit: ${button.textContent}`);
}
return problems;
