//! The ends of events in the world of the tests, as readings of the store add them to grants.

use coulisses_domain::expire;

use crate::prelude::*;

impl World {
    pub fn sweep(&self) -> Option<Decision> {
        expire::decide(self.client(), self.collaborators.values(), Duration::ZERO, self.now)
    }

    /// The next step of the audit.
    pub fn audit(&self) -> audit::Step {
        let collaborators: Vec<&Collaborator> = self.collaborators.values().collect();
        audit::next(self.client(), &collaborators, self.now)
    }

    /// Access to the events of the client ends so many days after them.
    pub fn end_access_after(&mut self, days: Option<u16>) {
        let rules = &mut self.client_mut().rules;
        rules.access_ends = AccessEnds::new(days, None, rules.access_ends.of_events);
        rules.version += 1;
        self.read_again();
    }

    /// Changes an event as the platform does.
    pub fn change_event(&mut self, at: &str, change: impl FnOnce(&mut Scope)) {
        let now = self.now;
        let event = self.scopes.get_mut(&scope(at)).unwrap();
        change(event);
        event.version = event.version.next(now);
        self.read_again();
    }

    /// The event ends at `end`.
    pub fn end_event(&mut self, at: &str, end: Timestamp) {
        self.change_event(at, |event| event.dates.ends_at = Some(end));
    }

    /// Adds to all grants what a reading of the store adds to them.
    pub fn read_again(&mut self) {
        let rules = self.client().rules.clone();
        for collaborator in self.collaborators.values_mut() {
            for grant in collaborator.grants.values_mut() {
                grant.event = Grant::unread_event(grant.level, grant.role, grant.outlives_event);
            }
            rules.resolve(collaborator, &self.scopes);
        }
    }

    /// Applies the part of a decision that the grants depend on. The events that ended access must be unchanged.
    pub fn apply_rules(&mut self, decision: &Decision) {
        let written: Vec<&ScopeId> =
            decision.scopes().iter().map(|change| &change.record().id).collect();
        for (event, version) in decision.ended_events().iter().filter(|it| !written.contains(&it.0))
        {
            assert_eq!(self.scopes[event].version, *version, "{event} has changed");
        }
        if let Some(rules) = decision.rules() {
            if let Change::Check(rules) = &rules {
                assert_eq!(*rules, self.client().rules, "the rules have changed");
            }
            self.client_mut().rules = rules.outcome().cloned().unwrap_or_default();
        }
        if self.client.is_some() {
            self.read_again();
        }
    }
}
