//! Reads the small XML documents that Query services answer with.

use crate::error::{Error, ErrorKind, Result};
use roxmltree::{Document, Node, ParsingOptions};

/// The parser compares the attributes of an element with each other, so many take it minutes. AWS's answers have a handful.
const MOST_ATTRIBUTES: usize = 1_000;
/// The longest of AWS are a tenth of it. Each element has its path, so long ones would fill the memory.
const LONGEST_PATH: usize = 1_000;

/// The path and text of every element that holds no other element, in document order: `Response/Result/Arn`, `arn:...`.
///
/// Namespaces are dropped. A document with a DTD is refused, so that no entity is ever expanded.
pub fn leaves(text: &str) -> Result<Vec<String>> {
    if attributes(text) > MOST_ATTRIBUTES {
        return Err(Error::new(ErrorKind::Xml, "the answer has too many attributes"));
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: 10_000, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        Error::new(ErrorKind::Xml, format!("the answer is not well-formed XML: {}", kind_of(&error)))
    })?;
    let mut found = Vec::new();
    collect(document.root_element(), String::new(), 0, &mut found)?;
    Ok(found)
}

/// At least as many as the attributes of a document, in one pass: an equals sign and a quote, wherever they stand.
fn attributes(text: &str) -> usize {
    text.split('=').skip(1).filter(|rest| rest.trim_start().starts_with(['"', '\''])).count()
}

fn collect(node: Node<'_, '_>, parent: String, depth: usize, found: &mut Vec<String>) -> Result<()> {
    // No answer of AWS nests a tenth as deep; a hostile one must not exhaust the stack.
    if depth > 100 {
        return Err(Error::new(ErrorKind::Xml, "the answer nests too deep"));
    }
    let mut path = parent;
    if !path.is_empty() {
        path.push('/');
    }
    path.push_str(node.tag_name().name());
    if path.len() > LONGEST_PATH {
        return Err(Error::new(ErrorKind::Xml, "the answer has names that are too long"));
    }
    let mut children = node.children().filter(Node::is_element).peekable();
    if children.peek().is_none() {
        found.push(path);
        found.push(node.text().unwrap_or_default().to_owned());
        return Ok(());
    }
    for child in children {
        collect(child, path.clone(), depth + 1, found)?;
    }
    Ok(())
}

/// The parser's messages quote the document, which may hold credentials; only the kind of mistake is told.
fn kind_of(error: &roxmltree::Error) -> String {
    let position = error.pos();
    let kind = match error {
        roxmltree::Error::DtdDetected => "a DTD is not allowed",
        roxmltree::Error::NoRootNode | roxmltree::Error::UnclosedRootNode => "it is cut short",
        _ => "syntax error",
    };
    format!("{kind} at line {}, column {}", position.row, position.col)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_come_with_their_paths_and_without_namespaces() {
        let text = r#"<A xmlns="urn:x"><B><C>one &amp; two</C><D/></B><x:E xmlns:x="urn:y">3</x:E></A>"#;
        assert_eq!(leaves(text).expect("parses"), ["A/B/C", "one & two", "A/B/D", "", "A/E", "3"]);
    }

    #[test]
    fn dtds_and_broken_documents_are_refused_without_quoting_them() {
        for text in ["", "secret", "<A>secret", "<!DOCTYPE a [<!ENTITY x 'secret'>]><a>&x;</a>", "<A><secret></A>"] {
            let error = leaves(text).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::Xml);
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn attributes_that_would_take_minutes_are_refused_before_they_are_read() {
        let with = |count: usize| {
            let attributes: String = (0..count).fold(String::new(), |all, number| all + &format!(" a{number} =\n'1'"));
            format!("<a{attributes}/>")
        };
        assert_eq!(leaves(&with(100)).expect("few"), ["a", ""]);
        let error = leaves(&with(60_000)).expect_err("too many");
        assert_eq!(error.to_string(), "the answer has too many attributes");
        assert_eq!(leaves("<a>x=y&#10;= \"z\"</a>").expect("text"), ["a", "x=y\n= \"z\""]);
    }

    #[test]
    fn names_that_would_fill_the_memory_are_refused() {
        let name = "A".repeat(1_001);
        let error = leaves(&format!("<{name}>{}</{name}>", "<a/>".repeat(9_000))).expect_err("too long");
        assert_eq!(error.to_string(), "the answer has names that are too long");
    }

    #[test]
    fn hostile_nesting_is_refused() {
        let text = format!("{}{}", "<a>".repeat(5_000), "</a>".repeat(5_000));
        assert_eq!(leaves(&text).expect_err("too deep").kind(), ErrorKind::Xml);
    }
}
