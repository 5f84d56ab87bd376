//! How a page looks: pictured and checked in light and dark, wide and narrow.

use std::path::PathBuf;

use super::Browser;

const SCHEMES: [&str; 2] = ["light", "dark"];
const SIZES: [(&str, (u32, u32)); 2] = [("wide", (1100, 860)), ("narrow", (320, 760))];

/// Texts that are hard to read on their background: less than 4.5 to 1 (WCAG 2.2, 1.4.3).
const FAINT_TEXTS: &str = r"(() => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const rgba = color => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        return canvas.getImageData(0, 0, 1, 1).data;
    };
    const luminance = color => {
        const [r, g, b] = [...rgba(color)].slice(0, 3).map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const background = element => {
        for (let at = element; at; at = at.parentElement) {
            const color = getComputedStyle(at).backgroundColor;
            if (rgba(color)[3] === 255) return color;
        }
        return 'white';
    };
    const faint = [];
    for (const element of document.querySelectorAll('body *')) {
        const own = [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE).map(node => node.data.trim()).join('');
        if (!own || ['STYLE', 'SCRIPT'].includes(element.tagName)) continue;
        const [a, b] = [luminance(getComputedStyle(element).color), luminance(background(element))].sort((a, b) => b - a);
        const contrast = (a + 0.05) / (b + 0.05);
        if (contrast < 4.5) faint.push(own + ': ' + contrast.toFixed(2));
    }
    return faint;
})()";

/// Fields that no label speaks for.
const MUTE_FIELDS: &str = "[...document.querySelectorAll('input:not([type=hidden])')].filter(field => field.labels.length === 0).map(field => field.name)";

/// How far the page is wider than its window.
const OVERFLOW: &str =
    "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)";

fn pictures() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages");
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    folder
}

/// Checks and pictures what the browser shows, in every look.
pub async fn inspect(browser: &Browser, name: &str) {
    for scheme in SCHEMES {
        for (size, extent) in SIZES {
            browser.look(extent, scheme).await;
            let place = format!("{name}-{scheme}-{size}");
            browser
                .screenshot(&pictures().join(format!("{place}.png")))
                .await;
            assert_eq!(
                browser.evaluate(FAINT_TEXTS).await,
                serde_json::json!([]),
                "{place}"
            );
            assert_eq!(
                browser.evaluate(MUTE_FIELDS).await,
                serde_json::json!([]),
                "{place}"
            );
            assert_eq!(browser.evaluate(OVERFLOW).await, 0, "{place}");
        }
    }
    assert_eq!(
        browser
            .evaluate("document.querySelectorAll('h1').length")
            .await,
        1,
        "{name}"
    );
    assert_eq!(
        browser.evaluate("document.documentElement.lang").await,
        "en",
        "{name}"
    );
}
