mod chunk;
mod element;
mod error;
mod heatmap;
mod note;
mod page;
mod receiving;
mod replay;
mod session;
mod sketch;
mod template;
mod width;
mod wireframe;

pub use chunk::TimedEvent;
pub use element::WireElement;
pub use error::QueryError;
pub use heatmap::{ElementHeat, Heatmap, HeatmapRequest, SMOOTH_PX, heatmap};
pub use note::{CustomEvent, Tag, tags};
pub use page::{PageCount, find_page, pages};
pub use receiving::{FirstEvent, receiving};
pub use replay::{Fidelity, MAX_REPLAY_EVENTS, Replay, ReplayView, replay};
pub use session::{
    Count, Cursor, SESSIONS_A_PAGE, Session, SessionList, count_each, count_sessions, count_suspects, neighbours, session, sessions,
};
pub use sketch::{ACTIVITY_BARS, Sketch, sketches};
pub use template::{
    MatchingPaths, PageChoice, PathCount, dismissed_templates, fold, folded_pages, matching_paths, page_ids, paths_seen, template_of, templates,
};
pub use width::{SiteWidth, WidthOrigin, breakpoints, site_width, widths_seen};
