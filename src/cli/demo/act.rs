use rand::RngExt;

use super::geometry::Description;
use super::window::Window;
use crate::event::Kind;

/// What people press and type.
impl Window<'_> {
    /// Presses one of the elements in view that are wanted.
    pub fn press_one(&mut self, wanted: impl Fn(&Description) -> bool) {
        if let Some(index) = self.one_in_view(wanted) {
            self.press(index);
            self.pause(500.0);
        }
    }

    /// Takes a link to another place of the same page.
    pub fn jump(&mut self) {
        let path = self.layout.page.path.clone();
        let is_here = |element: &Description| element.href.split_once('#').is_some_and(|(page, _)| page.is_empty() || page == path);
        let Some(link) = self.one_in_view(is_here) else { return };
        let id = self.layout.page.elements[link].href.split_once('#').map_or(String::new(), |(_, id)| id.to_owned());
        if !self.press(link) {
            return;
        }
        if let Some(rect) = self.layout.find(|element| element.id == id).first().and_then(|index| self.layout.rect(*index, self.scroll_px))
        {
            self.now_ms += 24.0;
            // The shop's scroll-padding.
            self.scroll_to(rect.y - self.layout.header_h() - 16.0);
            self.tape.see(self.scroll_px, self.viewport);
        }
        self.pause(900.0);
    }

    /// Opens an answer, reads it, closes it again.
    pub fn ask(&mut self) {
        let Some(index) = self.one_in_view(|element| element.tag == "summary") else { return };
        // An answer of two lines; measured boxes hold again once it is closed, so nothing below is looked at in between.
        let open = (self.layout.document.0, self.layout.document.1 + 64.0);
        for size in [open, self.layout.document] {
            if self.press(index) {
                self.now_ms += 12.0;
                self.tape.size(self.now_ms.round() as u32, Kind::Document, size, self.scroll_px);
            }
            self.pause(2_600.0);
        }
    }

    /// Fills a form that is in view or near, field by field.
    pub fn fill(&mut self) {
        let fields = self.layout.find(|element| matches!(element.role.as_str(), "text" | "email" | "textarea" | "select-one" | "checkbox"));
        let Some(first) = fields.first().copied() else { return };
        let near_px = 1.2 * self.viewport.1;
        if !self.rect(first).is_some_and(|rect| rect.y > -near_px && rect.y < 2.0 * near_px) {
            return;
        }
        // Many give up half-way.
        let patience = self.rng.random_range(2..=fields.len().max(2));
        for index in fields.iter().copied().take(patience) {
            let role = self.layout.page.elements[index].role.as_str();
            // Steppers are small text fields; whoever fills a form leaves them alone.
            if self.rect(index).is_none_or(|rect| rect.w < 16.0 || (role == "text" && rect.w < 80.0)) {
                continue;
            }
            let keys = match role {
                "text" => self.rng.random_range(4..14),
                "email" => self.rng.random_range(12..24),
                "textarea" => self.rng.random_range(15..70),
                _ => 0,
            };
            if self.press(index) {
                self.pause(350.0);
                self.type_keys(keys);
            }
        }
        if patience == fields.len()
            && let Some(send) = self.layout.find(|element| element.role == "submit").last().copied()
        {
            self.press(send);
        }
    }

    /// Types into the search field.
    pub fn search(&mut self) {
        let Some(field) = self.one_in_view(|element| element.id == "search-field") else { return };
        if self.press(field) {
            let keys = self.rng.random_range(3..10);
            self.type_keys(keys);
            self.pause(800.0);
        }
    }

    /// Clicks again and again on something that doesn't answer.
    pub fn lose_patience(&mut self) {
        let is_dull =
            |element: &Description| matches!(element.id.as_str(), "voucher-use" | "place-order" | "letter-send" | "gallery-main" | "stock");
        let Some(index) = self.one_in_view(is_dull) else { return };
        let Some(rect) = self.rect(index) else { return };
        let target = self.aim(rect);
        if self.person.hand.is_touch() {
            self.rage_tap(target);
        } else {
            self.point(target, rect.w.min(rect.h));
            self.rage();
        }
        self.pause(1_200.0);
    }
}
