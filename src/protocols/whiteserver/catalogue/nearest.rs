//! The known name that is most like an unknown one.

/// The nearest of the known names, when one is near enough to be meant.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let far = |known: &str| distance(&name, &known.to_lowercase());
    let best = known.into_iter().map(|known| (far(known), known)).min()?;
    (best.0 <= 1 + name.chars().count() / 3).then_some(best.1)
}

/// How many letters have to be put in, taken out or replaced (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(LONGEST).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().take(LONGEST).enumerate() {
        let mut before = i;
        let mut next = vec![i + 1];
        for (b, above) in other.iter().zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or_default();
            let replaced = before + usize::from(a != *b);
            next.push(replaced.min(left + 1).min(above + 1));
            before = *above;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// Names are not compared beyond this many letters.
const LONGEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_mistake_finds_what_was_meant_and_another_word_finds_nothing() {
        let known = ["halls", "menu", "stopList", "employees"];
        for (typed, meant) in [
            ("hals", Some("halls")),
            ("stoplist", Some("stopList")),
            ("employes", Some("employees")),
            ("menus", Some("menu")),
            ("weather", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, known), meant, "{typed}");
        }
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
