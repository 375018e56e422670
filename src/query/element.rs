use crate::analysis::heat::ElementKey;
use crate::event::{ElementBox, ElementFlags};

/// An element as it is drawn in a wireframe.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WireElement {
    /// The same for the same element over all page views of its page, and of other pages of its template.
    pub key: ElementKey,
    /// Its number in the page view that is shown; 0 where another page view described it.
    pub number: u16,
    /// Number of its parent in the page view that is shown; 0 for none.
    pub parent: u16,
    /// Where it stands, CSS px of the document; of the window where it is fixed.
    pub rect: ElementBox,
    /// What is special about it.
    pub flags: u8,
    /// Characters of its text.
    pub text_length: u32,
    /// Lower case tag name.
    pub tag: String,
    /// ARIA role or input type; may be empty.
    pub role: String,
    /// Best CSS selector; may be empty.
    pub selector: String,
}

impl WireElement {
    /// Does it stay in the window while the page scrolls?
    pub fn is_fixed(&self) -> bool {
        self.flags & ElementFlags::FIXED != 0
    }

    /// What a person would call it. Its text never left the browser, so its kind and the length of its text have to do.
    pub fn label(&self) -> String {
        let kind = match (self.tag.as_str(), self.role.as_str()) {
            (_, "button" | "submit") | ("button", _) => "button",
            (_, "link") | ("a", _) => "link",
            (_, "checkbox" | "switch") => "checkbox",
            (_, "radio") => "radio button",
            (_, "search" | "searchbox") => "search field",
            ("input" | "textarea", _) | (_, "textbox") => "field",
            ("select", _) | (_, "combobox" | "listbox") => "choice",
            ("img" | "picture" | "svg" | "canvas", _) | (_, "img") => "picture",
            ("video" | "audio", _) => "player",
            ("dialog", _) | (_, "dialog" | "alertdialog") => "dialog",
            (_, "menu") => "menu",
            ("h1" | "h2" | "h3" | "h4" | "h5" | "h6", _) | (_, "heading") => "heading",
            ("p", _) => "paragraph",
            ("li", _) => "list item",
            ("label", _) => "label",
            ("nav", _) => "navigation",
            ("header" | "footer" | "main" | "section" | "article" | "aside" | "form" | "table", _) => self.tag.as_str(),
            ("summary", _) => "summary",
            ("body" | "html", _) => "page",
            _ if self.flags & ElementFlags::IMAGE != 0 => "picture",
            _ if self.flags & ElementFlags::INTERACTIVE != 0 => "control",
            _ if self.text_length > 0 => "text",
            _ => "area",
        };
        let wants_length = matches!(kind, "button" | "link" | "heading" | "paragraph" | "list item" | "text" | "label" | "control");
        match self.text_length {
            1 if wants_length => format!("{kind}, 1 letter"),
            length if wants_length && length > 0 => format!("{kind}, {length} letters"),
            _ => kind.to_owned(),
        }
    }
}

/// Is such an element a dialog or a menu, which lies above the page while it is open?
pub(super) fn is_overlay(tag: &str, role: &str) -> bool {
    tag == "dialog" || matches!(role, "dialog" | "alertdialog" | "menu")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_called_by_its_kind_and_the_length_of_its_text() {
        for (tag, role, flags, text_length, label) in [
            ("button", "", 4, 12, "button, 12 letters"),
            ("div", "button", 4, 0, "button"),
            ("a", "", 4, 1, "link, 1 letter"),
            ("input", "checkbox", 4, 0, "checkbox"),
            ("input", "email", 4, 0, "field"),
            ("div", "", 8, 0, "picture"),
            ("section", "", 0, 900, "section"),
            ("span", "", 0, 30, "text, 30 letters"),
            ("div", "", 0, 0, "area"),
        ] {
            let element = WireElement {
                key: ElementKey(1),
                number: 1,
                parent: 0,
                rect: ElementBox::default(),
                flags,
                text_length,
                tag: tag.into(),
                role: role.into(),
                selector: String::new(),
            };
            assert_eq!(element.label(), label);
        }
    }
}
