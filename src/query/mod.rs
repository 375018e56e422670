mod chunk;
mod element;
mod error;
mod heat;
mod heatmap;
mod note;
mod page;
mod receiving;
mod replay;
mod segment;
mod session;
mod sketch;
mod template;
mod width;
mod wireframe;

pub use chunk::TimedEvent;
pub use element::WireElement;
pub use error::QueryError;
pub use heat::{
    BuiltView, DaySum, FORM, HeatColumn, HeatGroup, HeatNumbers, HeatOrigin, HeatPiece, HeatRequest, HeatSelection, HeatVersion, HeatView,
    HeatViews, StandingSum, build_heat, checksum, clicked_views, day_groups, due_days, has_chunks, heat_days, read_heat, standing_sums,
    sum_group, unbuilt,
};
pub use heatmap::{
    ComparedHeat, DifferenceRequest, ElementRow, Found, Heatmap, HeatmapRequest, Overlay, PageDrawn, Place, SideCount, SpotRequest,
    Visited, Width, difference, heatmap, spot,
};
pub use note::{CustomEvent, Tag, tags};
pub use page::{PageCount, find_page, pages};
pub use receiving::{FirstEvent, receiving};
pub use replay::{Fidelity, MAX_REPLAY_EVENTS, Replay, ReplayView, replay};
pub use segment::{Choice, Choices, Referrer, Segment, Selection, Visits, choices};
pub use session::{
    Count, Cursor, SESSIONS_A_PAGE, Session, SessionList, count_each, count_sessions, count_suspects, neighbours, session, sessions,
};
pub use sketch::{ACTIVITY_BARS, Sketch, sketches};
pub use template::{
    MatchingPaths, PageChoice, PathCount, dismissed_templates, fold, folded_pages, matching_paths, page_ids, paths_seen, template_of,
    templates,
};
pub use width::{SiteWidth, WidthOrigin, breakpoints, site_width, widths_seen};
