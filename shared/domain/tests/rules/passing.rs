//! Passing seats on, as the adapters do.

use crate::prelude::*;

impl World {
    /// The people who wait, in order, with what the adapters read about them.
    pub fn head(&self) -> Head {
        let candidate = |id: &CollaboratorId| {
            let record = self.collaborators.get(id)?.clone();
            let inviter = match &record.waiting()?.by {
                Actor::User { email, .. } => {
                    self.collaborators.values().find(|it| it.email == *email).cloned()
                }
                Actor::Platform(_) | Actor::System(_) => None,
            };
            Some(Candidate { counter: self.counters.get(id).cloned(), record, inviter })
        };
        Head {
            candidates: self.client().waiting.iter().filter_map(candidate).collect(),
            scopes: self.scopes.clone(),
            limits: self.limits,
        }
    }

    /// The decision with the seat that it releases passed on, as the adapters write it.
    pub fn passing_on(&self, decision: Decision) -> Decision {
        let passed = waiting::released_by(&decision).and_then(|after| {
            let mut head = self.head();
            head.candidates.retain(|it| after.waiting.contains(&it.record.id));
            waiting::pass(&decision, after, &head, &mail_id_at("passed", self.now))
        });
        passed.unwrap_or(decision)
    }

    pub fn pass_free(&self) -> Option<Decision> {
        let mail_id = mail_id_at("passed", self.now);
        waiting::pass_free(self.client(), &self.head(), &mail_id, self.now)
    }

    pub fn reorder(&self, by: &str, ids: &[CollaboratorId]) -> Result<Outcome<Client>, Refusal> {
        let facts = self.facts(by, ACME, "nobody");
        let version = waiting::version(self.client()).into();
        waiting::reorder(&facts, &self.collaborators, (ids, version), self.now)
    }

    /// Whether a person cannot have a seat, even alone on the list.
    pub fn is_passed_over(&self, id: &CollaboratorId) -> bool {
        let mut world = self.clone();
        world.client_mut().waiting = vec![id.clone()];
        world.client_mut().seats.limit = None;
        world.pass_free().is_none()
    }
}
