//! The demonstration data: who is invited where, as what, and what they do then.

use std::time::Duration;

/// What an invited person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Nothing: the invitation stays pending.
    Waits,
    /// Opens the link of the mail and accepts.
    Accepts,
    /// Logs in.
    LogsIn,
    /// Accepts, and logs in later.
    AcceptsAndLogsIn,
}

/// A client of the demonstration.
pub struct Client {
    /// Its id.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its seats.
    pub seats: u32,
    /// Who may give access.
    pub granting: &'static str,
    /// The roles on offer.
    pub roles: &'static [&'static str],
    /// Its owner's address and name.
    pub owner: (&'static str, &'static str),
    /// Its scopes, parents first.
    pub scopes: &'static [Scope],
    /// Its people, in the order of their invitation.
    pub people: &'static [Person],
}

/// A scope below a client.
pub struct Scope {
    /// Its id.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// `event` or `community`; none for an audience.
    pub kind: Option<&'static str>,
    /// Its own owner's address and name.
    pub owner: Option<(&'static str, &'static str)>,
}

/// An invitation, and what comes of it.
#[derive(Clone, Copy)]
pub struct Person {
    /// The address.
    pub email: &'static str,
    /// The name.
    pub name: &'static str,
    /// Where access is given.
    pub scope: &'static str,
    /// The role.
    pub role: &'static str,
    /// The permissions of a custom role.
    pub permissions: &'static [&'static str],
    /// After which time the access ends.
    pub ends_after: Option<Duration>,
    /// What happens then.
    pub then: Then,
}

const fn audience(id: &'static str, name: &'static str) -> Scope {
    Scope { id, name, kind: None, owner: None }
}

const fn event(id: &'static str, name: &'static str) -> Scope {
    Scope { id, name, kind: Some("event"), owner: None }
}

const fn person(
    (email, name): (&'static str, &'static str),
    scope: &'static str,
    role: &'static str,
    then: Then,
) -> Person {
    Person { email, name, scope, role, permissions: &[], ends_after: None, then }
}

const fn until(person: Person, ends_after: Duration) -> Person {
    Person { ends_after: Some(ends_after), ..person }
}

const fn custom(person: Person, permissions: &'static [&'static str]) -> Person {
    Person { permissions, ..person }
}

/// Soon enough to be seen as expired at the first look, late enough to be accepted before.
const SOON: Duration = Duration::from_secs(8);

const IN_THREE_WEEKS: Duration = Duration::from_hours(21 * 24);

/// The clients of the demonstration, one in each manner.
pub const CLIENTS: [Client; 2] = [DIGI_EXPO, ACME];

/// In Digitevent's manner: only owners give access, four roles, a limit by contract.
const DIGI_EXPO: Client = Client {
    id: "digi-expo",
    name: "Digi Expo",
    seats: 12,
    granting: "owner",
    roles: &["administrator", "manager", "supervisor", "observer"],
    owner: ("claire.martin@example.org", "Claire Martin"),
    scopes: &[
        audience("digi-expo:salons", "Salons professionnels"),
        Scope {
            id: "digi-expo:salons:salon-2027",
            name: "Salon du numérique 2027",
            kind: Some("event"),
            owner: Some(("hugo.lefevre@example.org", "Hugo Lefèvre")),
        },
        event("digi-expo:salons:rentree", "Rencontres de la rentrée"),
    ],
    people: &[
        person(
            ("amina.diallo@example.org", "Amina Diallo"),
            "digi-expo",
            "administrator",
            Then::LogsIn,
        ),
        person(
            ("julien.moreau@example.org", "Julien Moreau"),
            "digi-expo:salons:salon-2027",
            "manager",
            Then::AcceptsAndLogsIn,
        ),
        person(
            ("ines.garcia@example.org", "Inès Garcia"),
            "digi-expo:salons",
            "supervisor",
            Then::Accepts,
        ),
        person(
            ("thomas.petit@example.org", "Thomas Petit"),
            "digi-expo:salons:salon-2027",
            "observer",
            Then::Waits,
        ),
        until(
            person(
                ("lucie.roux@example.org", "Lucie Roux"),
                "digi-expo:salons:salon-2027",
                "observer",
                Then::Accepts,
            ),
            IN_THREE_WEEKS,
        ),
        until(
            person(
                ("paul.girard@example.org", "Paul Girard"),
                "digi-expo:salons:salon-2027",
                "supervisor",
                Then::Accepts,
            ),
            SOON,
        ),
    ],
};

/// In inwink's manner: administrators give access, at three levels, custom roles on events.
const ACME: Client = Client {
    id: "acme",
    name: "Acme",
    seats: 25,
    granting: "administrators",
    roles: &["administrator", "contributor", "reader", "custom"],
    owner: ("sophie.bernard@example.com", "Sophie Bernard"),
    scopes: &[
        audience("acme:tech", "Technologie"),
        audience("acme:rh", "Ressources humaines"),
        event("acme:tech:summit-2027", "Sommet Tech 2027"),
        event("acme:tech:devdays", "Journées des développeurs"),
        Scope {
            id: "acme:rh:alumni",
            name: "Communauté des anciens",
            kind: Some("community"),
            owner: None,
        },
    ],
    people: &[
        person(
            ("karim.benali@example.com", "Karim Benali"),
            "acme",
            "administrator",
            Then::AcceptsAndLogsIn,
        ),
        person(
            ("lea.dubois@example.com", "Léa Dubois"),
            "acme:tech",
            "contributor",
            Then::AcceptsAndLogsIn,
        ),
        person(
            ("marc.leroy@example.com", "Marc Leroy"),
            "acme:tech",
            "administrator",
            Then::LogsIn,
        ),
        person(
            ("nadia.cohen@example.com", "Nadia Cohen"),
            "acme:tech:summit-2027",
            "reader",
            Then::Waits,
        ),
        custom(
            person(
                ("oscar.faure@example.com", "Oscar Faure"),
                "acme:tech:summit-2027",
                "custom",
                Then::Accepts,
            ),
            &["contacts:import", "checkin:scan", "sessions:manage"],
        ),
        custom(
            person(
                ("marc.leroy@example.com", "Marc Leroy"),
                "acme:tech:summit-2027",
                "custom",
                Then::Waits,
            ),
            &["orders:view", "reports:export"],
        ),
        person(("emma.lambert@example.com", "Emma Lambert"), "acme:rh", "reader", Then::Accepts),
        person(
            ("hana.sato@example.com", "Hana Sato"),
            "acme:rh:alumni",
            "contributor",
            Then::LogsIn,
        ),
        until(
            person(
                ("victor.noel@example.com", "Victor Noël"),
                "acme:tech:devdays",
                "contributor",
                Then::AcceptsAndLogsIn,
            ),
            IN_THREE_WEEKS,
        ),
        until(
            person(
                ("alice.meyer@example.com", "Alice Meyer"),
                "acme:tech:summit-2027",
                "reader",
                Then::Accepts,
            ),
            SOON,
        ),
    ],
};
