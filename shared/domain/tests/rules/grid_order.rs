//! The orders of the grid, and its pages in each of them.

use coulisses_domain::grid;

use crate::{
    grid::{collaborators, everything, names, shown},
    prelude::*,
};

#[test]
fn the_latest_login_comes_first_and_those_without_one_last() {
    let mut world = World::new();
    for (who, login) in [("cora", NOW), ("carl", before_now(MINUTE)), ("max", NOW)] {
        world.edit(who, |it| it.last_login_at = Some(login));
    }
    let rows = shown(&world, SUMMIT, &GridQuery { order: order("lastLoginAt"), ..everything() });
    assert_eq!(rows.first_chunk(), Some(&["cora", "max", "carl"].map(str::to_owned)));
    assert_eq!(rows.last_chunk(), Some(&["paul", "pia", "xena", "yann"].map(str::to_owned)));
}

/// The orders of the API.
const ORDERS: [&str; 8] =
    ["email", "name", "lastLoginAt", "expiresAt", "-email", "-name", "-lastLoginAt", "-expiresAt"];

fn order(word: &str) -> Order {
    Order::parse(word).unwrap()
}

/// The client of most tests, with access to the summit that ends in some days: of max in 2, carl in 3, cora and obi in 5.
fn with_ends() -> World {
    let mut world = World::new();
    let mut end = |who: &str, at: &str, end: Timestamp| {
        world.edit(who, |it| {
            let grant = it.grants.values().next().unwrap().clone();
            it.grants.insert(scope(at), Grant { expires_at: Some(end), ..grant });
        });
    };
    let days = |days: u32| NOW.after(DAY * days);
    for (who, at, days_left) in [
        ("max", SUMMIT, 2),
        ("max", ACME, 9),
        ("carl", TECH, 3),
        ("cora", SUMMIT, 5),
        ("obi", SUMMIT, 5),
    ] {
        end(who, at, days(days_left));
    }
    // Neither an end that has passed nor one that does not show here counts.
    end("sue", TECH, NOW);
    end("eve", GALA, days(1));
    world
}

#[test]
fn the_soonest_end_here_comes_first_or_last_and_those_without_one_stay_last() {
    let world = with_ends();
    let by = |word: &str| shown(&world, SUMMIT, &GridQuery { order: order(word), ..everything() });
    let (ascending, descending) = (by("expiresAt"), by("-expiresAt"));
    let ending = ["max", "carl", "cora", "obi"];
    assert_eq!(ascending.first_chunk(), Some(&ending.map(str::to_owned)));
    let (reversed, rest) = descending.split_at(4);
    assert_eq!(reversed, ["obi", "cora", "carl", "max"]);
    let mut without = rest.to_vec();
    without.reverse();
    assert_eq!(ascending.split_at(4).1, without);
}

#[test]
fn each_other_order_is_reversed_as_a_whole() {
    let world = with_ends();
    for word in ["email", "name", "lastLoginAt"] {
        let by = |order| shown(&world, SUMMIT, &GridQuery { order, ..everything() });
        let mut reversed = by(order(&format!("-{word}")));
        reversed.reverse();
        assert_eq!(by(order(word)), reversed, "{word}");
    }
}

#[test]
fn pages_have_no_gaps_or_duplicates_in_any_order() {
    let world = with_ends();
    for order in ORDERS.map(order) {
        let whole = shown(&world, SUMMIT, &GridQuery { order, ..everything() });
        let mut paged = Vec::new();
        let mut after = None;
        loop {
            let (facts, collaborators) =
                (world.facts("olga", SUMMIT, "nobody"), collaborators(&world));
            let query = GridQuery { order, after, limit: 4, ..everything() };
            let page = grid::list(&facts, &collaborators, &query, NOW).unwrap();
            paged.extend(names(&page));
            after = page.next();
            if after.is_none() {
                break;
            }
            assert_eq!(page.rows.len(), 4);
        }
        assert_eq!(paged, whole, "{order:?}");
    }
}

#[test]
fn the_next_page_continues_after_the_last_one_even_if_that_collaborator_is_removed() {
    for order in ORDERS.map(order) {
        let mut world = with_ends();
        let whole = shown(&world, SUMMIT, &GridQuery { order, ..everything() });
        let (facts, collaborators) = (world.facts("olga", SUMMIT, "nobody"), collaborators(&world));
        let query = GridQuery { order, limit: 3, ..everything() };
        let page = grid::list(&facts, &collaborators, &query, NOW).unwrap();
        let after = page.next();
        world.collaborators.remove(&page.rows.last().unwrap().collaborator.id);
        let rest = shown(&world, SUMMIT, &GridQuery { order, after, ..everything() });
        assert_eq!(rest, whole.split_at(3).1, "{order:?}");
    }
}

#[test]
fn the_order_of_names_ignores_accents_and_continues_after_the_last_one() {
    let mut world = World::new();
    for (who, called) in [("cora", "Évelyne"), ("max", "eve Zoé"), ("sue", "Zoé"), ("obi", "élan")]
    {
        world.collaborators.get_mut(&id(who)).unwrap().name = Some(name(called));
    }
    let query = GridQuery { order: order("name"), ..everything() };
    let (facts, people) = (world.facts("olga", SUMMIT, "nobody"), collaborators(&world));
    let all = names(&grid::list(&facts, &people, &query, NOW).unwrap());
    let at = |called: &str| all.iter().position(|name| name == called).unwrap();
    assert!(
        at("élan") < at("eve Zoé") && at("eve Zoé") < at("Évelyne") && at("Évelyne") < at("Zoé")
    );
    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let query = GridQuery { limit: 2, after, ..query.clone() };
        let page = grid::list(&facts, &people, &query, NOW).unwrap();
        paged.extend(names(&page));
        after = page.next();
        if after.is_none() {
            break;
        }
    }
    assert_eq!(paged, all);
}
