//! The id of a scope, which contains the ids of its ancestors.

use coulisses_domain::scope::{ClientId, ScopeId};

use crate::hunt::{Met, hunt};

/// The definition of a segment, written independently of the product.
fn is_segment(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| matches!(first, 'a'..='z' | '0'..='9'))
        && letters.all(|rendered| matches!(rendered, 'a'..='z' | '0'..='9' | '-'))
        && text.len() < 64
}

#[test]
fn a_scope_is_its_path_and_is_below_its_parent() {
    hunt("scope", 10_000, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let segments: Vec<&str> = text.split(':').collect();
        let right = segments.len() <= 3 && segments.iter().all(|segment| is_segment(segment));
        let parsed = ScopeId::parse(&text);
        assert_eq!(parsed.is_ok(), right, "{text:?}");
        assert_eq!(ClientId::parse(&text).is_ok(), right && segments.len() == 1, "{text:?}");
        let Ok(scope) = parsed else { return Met::Refused };

        assert_eq!((scope.to_string().as_str(), scope.as_str()), (&*text, &*text));
        assert_eq!((scope.depth(), scope.is_client()), (segments.len(), segments.len() == 1));
        assert_eq!(scope.client().as_str(), segments[0]);
        assert_eq!(scope.below_client(), segments[1..].join(":"));
        assert!(scope.reaches(&scope));
        let client = ScopeId::from(&scope.client());
        assert!(client.reaches(&scope) && client.is_client());
        match scope.parent() {
            Some(parent) => {
                assert_eq!(parent.as_str(), segments[..segments.len() - 1].join(":"));
                assert!(parent.reaches(&scope) && !scope.reaches(&parent));
            }
            None => assert!(scope.is_client()),
        }
        // A child is below the scope and its ancestors; an id with the same prefix is not.
        match ScopeId::parse(&format!("{text}:x")) {
            Ok(child) => {
                assert_eq!(child.parent().as_ref(), Some(&scope));
                assert!(scope.reaches(&child) && client.reaches(&child) && !child.reaches(&scope));
            }
            Err(_) => assert_eq!(scope.depth(), 3),
        }
        if let Ok(longer) = ScopeId::parse(&format!("{text}x")) {
            assert!(!scope.reaches(&longer) && !longer.reaches(&scope));
        }
        Met::Taken
    });
}
