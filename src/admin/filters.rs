//! What templates write behind a `|`.
use std::borrow::Borrow;

use askama::Values;
use askama::filters::Safe;

use super::{asset as assets, format};

/// An icon of the sprite: 16 x 16 px, in the colour of the text around it, hidden from screen readers.
#[derive(askama::Template)]
#[template(path = "partials/icon.html")]
pub struct Icon {
    sprite: String,
    name: String,
}

#[askama::filter_fn]
pub fn icon(name: impl ToString, _: &dyn Values) -> askama::Result<Safe<Icon>> {
    Ok(Safe(Icon { sprite: assets::url("icons.svg"), name: name.to_string() }))
}

#[askama::filter_fn]
pub fn asset(name: &str, _: &dyn Values) -> askama::Result<String> {
    Ok(assets::url(name))
}

#[askama::filter_fn]
pub fn number(value: impl Borrow<i64>, _: &dyn Values) -> askama::Result<String> {
    Ok(format::number(*value.borrow()))
}
