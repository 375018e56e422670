use std::cmp::Reverse;
use std::fmt;

/// Characters that a template may have.
const MAX_LENGTH: usize = 500;
/// Segments that a template may have.
const MAX_SEGMENTS: usize = 32;

/// Which paths are one page: `/product/:id` for all products, `/docs/*` for all that lies below.
///
/// It consists of segments: words that a path has to have there, `:name` for one segment of any text, and, at the end only, `*` for one segment
/// or more. A slash at the end of a path makes no difference.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Template {
    segments: Vec<Segment>,
}

/// In the order in which they say more: a word before a name before the rest.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Segment {
    Word(String),
    Name(String),
    Rest,
}

/// What is wrong with a template. The text is for people.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidTemplate {
    /// It does not begin with a slash.
    #[error("A template begins with a slash, such as /product/:id.")]
    Start,
    /// It has a query or a fragment, which are no part of a page's path.
    #[error("Pages are told apart by their path alone: leave out what begins with ? or #.")]
    Query,
    /// A `*` is not the last segment, or not a whole one.
    #[error("A * stands for the rest of the path: it is the last segment, and nothing else is in it.")]
    Rest,
    /// A `:` is not followed by a name.
    #[error("A : is followed by a name of letters, digits and _, such as :id, and by nothing else up to the next slash.")]
    Name,
    /// Two slashes with nothing between them, white space, or a control character.
    #[error("Between two slashes there is a word without spaces.")]
    Word,
    /// More than 500 characters or 32 segments.
    #[error("A template has at most 500 characters and 32 segments.")]
    Length,
}

impl Template {
    /// Reads a template. One slash at the end is cut off.
    pub fn parse(text: &str) -> Result<Self, InvalidTemplate> {
        let text = text.trim();
        let inner = text.strip_prefix('/').ok_or(InvalidTemplate::Start)?;
        if text.contains(['?', '#']) {
            return Err(InvalidTemplate::Query);
        }
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        let parts: Vec<&str> = if inner.is_empty() { Vec::new() } else { inner.split('/').collect() };
        if text.chars().count() > MAX_LENGTH || parts.len() > MAX_SEGMENTS {
            return Err(InvalidTemplate::Length);
        }
        let last = parts.len();
        let segments: Result<_, _> = parts.into_iter().enumerate().map(|(index, part)| segment(part, index + 1 == last)).collect();
        Ok(Self { segments: segments? })
    }

    /// Is this path one of its pages?
    pub fn matches(&self, path: &str) -> bool {
        let Some(path) = path.strip_prefix('/') else { return false };
        let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
        let mut parts = path.split('/').filter(|_| !path.is_empty());
        for segment in &self.segments {
            let fits = match (segment, parts.next()) {
                (Segment::Rest, Some(part)) => return !part.is_empty(),
                (Segment::Word(word), Some(part)) => word == part,
                (Segment::Name(_), Some(part)) => !part.is_empty(),
                (_, None) => false,
            };
            if !fits {
                return false;
            }
        }
        parts.next().is_none()
    }

    /// Does it stand for many paths, and not only for the one that it spells?
    pub fn is_open(&self) -> bool {
        self.segments.iter().any(|segment| !matches!(segment, Segment::Word(_)))
    }

    /// What every path of it begins with: for an index.
    pub fn prefix(&self) -> String {
        let mut prefix = String::from("/");
        for (index, segment) in self.segments.iter().enumerate() {
            let Segment::Word(word) = segment else { break };
            if index > 0 {
                prefix.push('/');
            }
            prefix.push_str(word);
        }
        prefix
    }

    /// The same as `matches` for Postgres: a regular expression for `~`.
    pub fn regex(&self) -> String {
        let mut regex = String::from("^");
        for segment in &self.segments {
            regex.push('/');
            match segment {
                // All but letters and digits stand for themselves behind a backslash.
                Segment::Word(word) => word.chars().for_each(|char| {
                    if char.is_ascii() && !char.is_ascii_alphanumeric() {
                        regex.push('\\');
                    }
                    regex.push(char);
                }),
                Segment::Name(_) => regex.push_str("[^/]+"),
                Segment::Rest => regex.push_str("[^/].*"),
            }
        }
        regex.push_str(if self.segments.is_empty() { "/$" } else { "/?$" });
        regex
    }

    /// Rules in this order are asked one after the other: most words first, then words that stand further left, then names before the rest.
    fn rank(&self) -> impl Ord + use<'_> {
        let words = self.segments.iter().filter(|segment| matches!(segment, Segment::Word(_))).count();
        let kinds: Vec<u8> = self
            .segments
            .iter()
            .map(|segment| match segment {
                Segment::Word(_) => 0,
                Segment::Name(_) => 1,
                Segment::Rest => 2,
            })
            .collect();
        (Reverse(words), kinds, &self.segments)
    }
}

fn segment(part: &str, is_last: bool) -> Result<Segment, InvalidTemplate> {
    if part.contains('*') {
        return if part == "*" && is_last { Ok(Segment::Rest) } else { Err(InvalidTemplate::Rest) };
    }
    if let Some(name) = part.strip_prefix(':') {
        let is_name = (1..=40).contains(&name.len()) && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
        return if is_name { Ok(Segment::Name(name.to_owned())) } else { Err(InvalidTemplate::Name) };
    }
    if part.is_empty() || part.chars().any(|char| char.is_whitespace() || char.is_control()) {
        return Err(InvalidTemplate::Word);
    }
    Ok(Segment::Word(part.to_owned()))
}

impl fmt::Display for Template {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.segments.is_empty() {
            return out.write_str("/");
        }
        self.segments.iter().try_for_each(|segment| match segment {
            Segment::Word(word) => write!(out, "/{word}"),
            Segment::Name(name) => write!(out, "/:{name}"),
            Segment::Rest => out.write_str("/*"),
        })
    }
}

/// The templates of a site. Of several that match a path the one that says most wins.
#[derive(Clone, Default, Debug)]
pub struct Templates(Vec<Template>);

impl Templates {
    /// In any order.
    pub fn new(templates: impl IntoIterator<Item = Template>) -> Self {
        let mut all: Vec<_> = templates.into_iter().collect();
        all.sort_by(|one, other| one.rank().cmp(&other.rank()));
        Self(all)
    }

    /// The template that this path is a page of.
    pub fn of(&self, path: &str) -> Option<&Template> {
        self.0.iter().find(|template| template.matches(path))
    }

    /// Those that say most first.
    pub fn all(&self) -> &[Template] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Template {
        Template::parse(text).unwrap()
    }

    #[test]
    fn a_template_matches_whole_segments() {
        for (text, yes, no) in [
            (
                "/product/:id",
                &["/product/7", "/product/7/", "/product/a%20b", "/product/neu"][..],
                &["/product", "/product/", "/product/7/x", "/products/7", "product/7"][..],
            ),
            ("/docs/*", &["/docs/a", "/docs/a/b/c", "/docs/a/"], &["/docs", "/docs/", "/docs//", "/doc/a"]),
            ("/:lang/blog/:post", &["/de/blog/x"], &["/de/blog", "//blog/x", "/de/news/x"]),
            ("/*", &["/a", "/a/b"], &["/", ""]),
            ("/", &["/"], &["", "//", "/a"]),
            ("/about", &["/about", "/about/"], &["/about/us", "/About"]),
        ] {
            let template = template(text);
            for path in yes {
                assert!(template.matches(path), "{text} {path}");
            }
            for path in no {
                assert!(!template.matches(path), "{text} {path}");
            }
        }
    }

    #[test]
    fn what_is_typed_is_read_or_refused_with_a_reason() {
        for text in ["/", "/product/:id", "/docs/*", "/a.b/%20/ä"] {
            assert_eq!(template(text).to_string(), text);
        }
        assert_eq!(template(" /product/:id/ ").to_string(), "/product/:id");
        for (text, reason) in [
            ("product", InvalidTemplate::Start),
            ("", InvalidTemplate::Start),
            ("/search?q", InvalidTemplate::Query),
            ("/*/a", InvalidTemplate::Rest),
            ("/a*", InvalidTemplate::Rest),
            ("/:", InvalidTemplate::Name),
            ("/:a-b", InvalidTemplate::Name),
            ("/a//b", InvalidTemplate::Word),
            ("/a b", InvalidTemplate::Word),
            (&"/a".repeat(33), InvalidTemplate::Length),
        ] {
            assert_eq!(Template::parse(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn the_template_that_says_most_wins() {
        let templates =
            Templates::new(["/*", "/:a/:b", "/product/*", "/product/:id", "/:a/new", "/product/new", "/:a/:b/reviews"].map(template));
        for (path, wins) in [
            ("/product/new", "/product/new"),
            ("/product/7", "/product/:id"),
            ("/product/7/reviews", "/product/*"),
            ("/user/new", "/:a/new"),
            ("/user/7", "/:a/:b"),
            ("/user/7/reviews", "/:a/:b/reviews"),
            ("/user", "/*"),
        ] {
            assert_eq!(templates.of(path).map(ToString::to_string).as_deref(), Some(wins), "{path}");
        }
        assert_eq!(templates.of("/"), None);
        assert_eq!(Templates::new([template("/product/:id"), template("/:kind/7")]).of("/product/7"), Some(&template("/product/:id")));
    }

    #[test]
    fn the_prefix_is_what_all_its_paths_begin_with() {
        for (text, prefix) in [("/a/b/:c", "/a/b"), ("/:a/b", "/"), ("/*", "/"), ("/", "/"), ("/a", "/a")] {
            assert_eq!(template(text).prefix(), prefix);
        }
    }
}
