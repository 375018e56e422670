use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Template, Templates};

/// Different values at a place of the path from which on they are taken for one page: of values that look like ids, and of any.
const MANY_IDS: usize = 5;
const MANY_WORDS: usize = 12;
/// Share of the values that have to look like ids for the first; share of what follows the values that has to be alike for both.
const MOST: f64 = 0.8;
/// Segments of a path that are looked at: what follows is one segment.
const MAX_DEPTH: usize = 16;
/// Paths that a proposal shows.
const EXAMPLES: usize = 5;

/// A template that would fold pages which are probably one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposal {
    /// Such as `/product/:id`.
    pub template: Template,
    /// Paths that it would fold.
    pub paths: usize,
    /// Their page views.
    pub views: i64,
    /// Some of them, most viewed first.
    pub examples: Vec<String>,
}

/// Finds templates in the paths that were seen, given with their page views; those that fold most page views come first.
///
/// The paths are laid out as a tree, a segment a level. The values that follow one and the same beginning are taken for one page if there are
/// many of them: five that look like ids (digits, a UUID, a long hex number, words with a number), which are at least 80 % of the values, or
/// twelve of any kind, but not directly below `/`, where the sections of a site stand. And what follows them must be alike: at least 80 % of
/// what follows any value follows another one, too. Then the values are one, `:id`, and the search goes on below all of them at once.
/// A proposal folds at least two paths.
pub fn propose<'a>(paths: impl IntoIterator<Item = (&'a str, i64)>) -> Vec<Proposal> {
    let paths: Vec<(&str, i64)> = paths.into_iter().filter(|(path, _)| path.starts_with('/')).collect();
    let mut root = Node::default();
    for (path, _) in &paths {
        root.add(path[1..].trim_end_matches('/').splitn(MAX_DEPTH, '/').filter(|part| !part.is_empty()));
    }
    let mut found = BTreeSet::new();
    root.walk(&mut Vec::new(), &mut found);
    let templates = Templates::new(found.iter().filter_map(|text| Template::parse(text).ok()));
    let mut folded: BTreeMap<String, Vec<(&str, i64)>> = BTreeMap::new();
    for (path, views) in paths {
        if let Some(template) = templates.of(path) {
            folded.entry(template.to_string()).or_default().push((path, views));
        }
    }
    let mut proposals: Vec<Proposal> =
        templates.all().iter().filter_map(|template| Proposal::new(template, folded.remove(&template.to_string())?)).collect();
    proposals.sort_by_key(|proposal| std::cmp::Reverse((proposal.views, proposal.paths)));
    proposals
}

impl Proposal {
    fn new(template: &Template, mut paths: Vec<(&str, i64)>) -> Option<Self> {
        paths.sort_by_key(|(path, views)| (std::cmp::Reverse(*views), *path));
        let examples = paths.iter().take(EXAMPLES).map(|(path, _)| (*path).to_owned()).collect();
        let views = paths.iter().map(|(_, views)| views).sum();
        (paths.len() > 1).then(|| Self { template: template.clone(), paths: paths.len(), views, examples })
    }
}

/// The paths that begin alike.
#[derive(Default)]
struct Node<'a> {
    is_page: bool,
    below: BTreeMap<&'a str, Node<'a>>,
}

impl<'a> Node<'a> {
    fn add(&mut self, parts: impl Iterator<Item = &'a str>) {
        parts.fold(self, |node, part| node.below.entry(part).or_default()).is_page = true;
    }

    fn unite(&mut self, other: Node<'a>) {
        self.is_page |= other.is_page;
        for (part, node) in other.below {
            self.below.entry(part).or_default().unite(node);
        }
    }

    /// Finds templates from here on; `before` are the segments that lead here.
    fn walk(self, before: &mut Vec<String>, found: &mut BTreeSet<String>) {
        if self.is_page && before.iter().any(|part| part.starts_with(':')) {
            found.insert(format!("/{}", before.join("/")));
        }
        let ids = self.below.keys().filter(|value| looks_like_id(value)).count();
        let are_ids = ids >= MANY_IDS && ids as f64 >= MOST * self.below.len() as f64;
        let are_many = self.below.len() >= MANY_WORDS && !before.is_empty();
        // What looks like no id among many ids is a page of its own.
        let is_value = |value: &str| !are_ids || looks_like_id(value);
        let mut united = None;
        let mut below = self.below;
        if are_ids || are_many {
            let (values, words): (BTreeMap<_, _>, BTreeMap<_, _>) = below.into_iter().partition(|(value, _)| is_value(value));
            if are_alike(&values) {
                let name = name(before, values.keys().copied());
                let mut all = Node::default();
                values.into_values().for_each(|node| all.unite(node));
                united = Some((name, all));
                below = words;
            } else {
                below = values.into_iter().chain(words).collect();
            }
        }
        for (part, node) in united.into_iter().chain(below.into_iter().map(|(part, node)| (part.to_owned(), node))) {
            before.push(part);
            node.walk(before, found);
            before.pop();
        }
    }
}

/// Does most of what follows these values follow more than one of them? What looks like an id is like any other id.
fn are_alike(values: &BTreeMap<&str, Node<'_>>) -> bool {
    let kind = |part: &str| if looks_like_id(part) { String::from("\0id") } else { part.to_owned() };
    let mut follow: BTreeMap<String, usize> = BTreeMap::new();
    for node in values.values() {
        let kinds: BTreeSet<String> = node.below.keys().map(|part| kind(part)).collect();
        kinds.into_iter().for_each(|kind| *follow.entry(kind).or_default() += 1);
    }
    let all: usize = follow.values().sum();
    let shared: usize = follow.values().filter(|count| **count > 1).sum();
    shared as f64 >= MOST * all as f64
}

/// What the values are called: `id`, or `slug` where most have a hyphen, or `name`; with a number where the path has that name already.
fn name<'a>(before: &[String], values: impl Iterator<Item = &'a str>) -> String {
    let values: Vec<&str> = values.collect();
    let most = |is: fn(&str) -> bool| values.iter().filter(|value| is(value)).count() * 2 > values.len();
    let stem = if most(looks_like_id) {
        "id"
    } else if most(|value| value.contains('-')) {
        "slug"
    } else {
        "name"
    };
    let same = before.iter().filter(|part| part.strip_prefix(':').is_some_and(|name| name.starts_with(stem))).count();
    if same == 0 { format!(":{stem}") } else { format!(":{stem}{}", same + 1) }
}

/// Digits alone, hex digits of at least eight with one of ten, a UUID, or words with a number of two digits or more: `blue-shirt-1204`.
fn looks_like_id(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        return false;
    }
    let is_hex = value.len() >= 8 && value.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    // `v2`, `page2` and `en1` are words.
    let has_number = value.as_bytes().windows(2).any(|pair| pair.iter().all(u8::is_ascii_digit));
    digits == value.len() || is_hex || has_number || (value.len() >= 10 && digits >= 2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn proposed(paths: &[String]) -> Vec<(String, usize)> {
        let found = propose(paths.iter().map(|path| (path.as_str(), 1)));
        found.into_iter().map(|proposal| (proposal.template.to_string(), proposal.paths)).collect()
    }

    fn numbered(count: usize, path: impl Fn(usize) -> String) -> Vec<String> {
        (0..count).map(path).collect()
    }

    #[test]
    fn five_ids_or_twelve_words_below_the_same_beginning_are_one_page() {
        for (count, path, template) in [
            (5, (|i| format!("/product/{}", i + 1)) as fn(usize) -> String, Some("/product/:id")),
            (4, |i| format!("/product/{i}"), None),
            (5, |i| format!("/p/0191d3c4-7a2b-7000-8000-00000000000{i}"), Some("/p/:id")),
            (5, |i| format!("/p/deadbeef{i}"), Some("/p/:id")),
            (5, |i| format!("/blog/blue-shirt-120{i}"), Some("/blog/:id")),
            (12, |i| format!("/blog/all-about-{}", (b'a' + i as u8) as char), Some("/blog/:slug")),
            (11, |i| format!("/blog/all-about-{}", (b'a' + i as u8) as char), None),
            (12, |i| format!("/tag/{}", (b'a' + i as u8) as char), Some("/tag/:name")),
            (30, |i| format!("/{}", "abcdefghijklmnopqrstuvwxyzäöüß".chars().nth(i).unwrap()), None),
            (5, |i| format!("/{i}{i}{i}"), Some("/:id")),
            (6, |i| format!("/v{i}"), None),
        ] {
            let found = proposed(&numbered(count, path));
            assert_eq!(found, template.map(|template| (template.to_owned(), count)).into_iter().collect::<Vec<_>>(), "{count} {}", path(0));
        }
    }

    #[test]
    fn what_follows_the_values_has_to_be_alike_and_gets_templates_of_its_own() {
        let mut shop = numbered(9, |i| format!("/user/{i}"));
        shop.extend(numbered(4, |i| format!("/user/{i}/orders")));
        shop.extend(numbered(12, |i| format!("/user/{}/orders/77{i}", i % 4)));
        shop.push("/user/7/odd".to_owned());
        let want = [("/user/:id/orders/:id2", 12), ("/user/:id", 9), ("/user/:id/orders", 4)]
            .map(|(template, paths)| (template.to_owned(), paths));
        assert_eq!(proposed(&shop), want);
        let sections = numbered(12, |i| format!("/shop/{}/{}", (b'a' + i as u8) as char, (b'z' - i as u8) as char));
        assert_eq!(proposed(&sections), []);
    }

    #[test]
    fn a_word_among_ids_is_counted_where_it_would_go() {
        let mut paths = numbered(9, |i| format!("/product/{i}"));
        paths.push("/product/new".to_owned());
        // Nobody asked for a page of its own for /product/new, so the template takes it, and says so by its count.
        assert_eq!(proposed(&paths), [("/product/:id".to_owned(), 10)]);
    }

    #[test]
    fn proposals_with_most_page_views_come_first_with_their_most_viewed_paths() {
        let paths: Vec<(String, i64)> = (0..9).flat_map(|i| [(format!("/a/{i}"), 1), (format!("/b/{i}"), 10 + i)]).collect();
        let found = propose(paths.iter().map(|(path, views)| (path.as_str(), *views)));
        assert_eq!((found[0].template.to_string(), found[0].views, found.len()), ("/b/:id".to_owned(), 126, 2));
        assert_eq!(found[0].examples, ["/b/8", "/b/7", "/b/6", "/b/5", "/b/4"]);
    }

    #[test]
    fn twenty_thousand_paths_take_no_time() {
        let paths = numbered(20_000, |i| format!("/shop/{}/{}/{i}", i % 7, i % 90));
        let began = std::time::Instant::now();
        assert!(!proposed(&paths).is_empty());
        assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    }

    proptest! {
        #[test]
        fn any_paths_are_survived_and_examples_match(paths in prop::collection::vec("(/[a-c0-9:*. -]{0,3}){0,5}/?", 0..60)) {
            for proposal in propose(paths.iter().map(|path| (path.as_str(), 1))) {
                prop_assert!(proposal.template.is_open() && proposal.paths > 1);
                for example in &proposal.examples {
                    prop_assert!(proposal.template.matches(example));
                }
            }
        }
    }
}
