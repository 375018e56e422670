mod element;
mod frame;
mod id;
mod kind;
mod note;
mod page_view;
mod pointer;
mod suspect;
mod template;

pub use element::{Element, ElementBox, ElementFlags};
pub use frame::{Frame, MAX_ELEMENT_NUMBER, MAX_EVENTS, MAX_FRAME_MS, MAX_ORIGIN_DISTANCE};
pub use id::{Id, PageViewId, SessionId};
pub use kind::{Family, Kind};
pub use note::Note;
pub use page_view::{Agent, Device, Extent, NewPageView, Nonce, Place, SessionKey, Via, Visitor};
pub use pointer::{Pointer, PointerEvent, PointerType};
pub use suspect::Suspect;
pub use template::{InvalidTemplate, Template, Templates};
