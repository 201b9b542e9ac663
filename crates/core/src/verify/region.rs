//! Whether a region is in the region set of a `SigV4a` signature.

/// Whether one of the names of `set`, separated by commas, is `region`. A `*` in a name stands for any characters, so
/// that `*` is every region and `us-*` all that begin so.
pub(super) fn contains(set: &str, region: &str) -> bool {
    set.split(',').any(|pattern| matches(pattern.trim_matches([' ', '\t']).as_bytes(), region.as_bytes()))
}

fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut in_pattern) = (0, 0);
    // Where the last star stood, and how far the text had been read then: only the last can ever have to take more.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        if pattern.get(in_pattern) == Some(&b'*') {
            star = Some((in_pattern, at));
            in_pattern += 1;
        } else if pattern.get(in_pattern) == Some(&text[at]) {
            at += 1;
            in_pattern += 1;
        } else if let Some((place, taken)) = star {
            star = Some((place, taken + 1));
            at = taken + 1;
            in_pattern = place + 1;
        } else {
            return false;
        }
    }
    pattern[in_pattern..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_patterns_match_whole_regions() {
        for set in ["us-east-1", "*", "us-*", "eu-west-1, us-east-1", "*-east-1", "us-*-1", "u*s*-*1", "**"] {
            assert!(contains(set, "us-east-1"), "{set}");
        }
        for set in
            ["us-east-2", "us-east", "us-east-11", "US-*", "", "us-*-2", "s-east-1", "us-*-1-*", "eu-*,us-west-*"]
        {
            assert!(!contains(set, "us-east-1"), "{set}");
        }
    }
}
