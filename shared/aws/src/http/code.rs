//! The stable codes of problems, each with its status and its words.

use coulisses_domain::{locale::Locale, refusal::Refusal};
use lambda_http::http::StatusCode;
use serde::{Serialize, Serializer};

/// The stable code of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each code is told in two languages below")]
pub enum Code {
    Malformed,
    Unauthenticated,
    Forbidden,
    OwnRole,
    EmailNotVerified,
    EmailMismatch,
    ScopeNotFound,
    CollaboratorNotFound,
    InvitationNotFound,
    AlreadyHasAccess,
    SeatLimitReached,
    OwnerMustTransfer,
    NotPending,
    NotActive,
    TooManyGrants,
    InheritedAccess,
    InvitationExpired,
    StaleVersion,
    TooLarge,
    UnsupportedMediaType,
    InvalidEmail,
    InvalidField,
    TooManyItems,
    InvalidRole,
    RoleNotOffered,
    RoleNotAllowedHere,
    InvalidPermission,
    InvalidExpiry,
    InvalidScope,
    InvalidSeatLimit,
    IdempotencyKeyReused,
    IfMatchRequired,
    ResendTooSoon,
    ResendLimit,
    MailLimit,
    Internal,
    TryAgain,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 37] = [
        Self::Malformed,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::OwnRole,
        Self::EmailNotVerified,
        Self::EmailMismatch,
        Self::ScopeNotFound,
        Self::CollaboratorNotFound,
        Self::InvitationNotFound,
        Self::AlreadyHasAccess,
        Self::SeatLimitReached,
        Self::OwnerMustTransfer,
        Self::NotPending,
        Self::NotActive,
        Self::TooManyGrants,
        Self::InheritedAccess,
        Self::InvitationExpired,
        Self::StaleVersion,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::InvalidEmail,
        Self::InvalidField,
        Self::TooManyItems,
        Self::InvalidRole,
        Self::RoleNotOffered,
        Self::RoleNotAllowedHere,
        Self::InvalidPermission,
        Self::InvalidExpiry,
        Self::InvalidScope,
        Self::InvalidSeatLimit,
        Self::IdempotencyKeyReused,
        Self::IfMatchRequired,
        Self::ResendTooSoon,
        Self::ResendLimit,
        Self::MailLimit,
        Self::Internal,
        Self::TryAgain,
    ];

    /// The code as it is answered.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.entry().0
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.entry().1).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The title and the detail, which says what to do next.
    #[must_use]
    pub const fn localized(self, locale: Locale) -> (&'static str, &'static str) {
        let (_, _, french, english) = self.entry();
        match locale {
            Locale::Fr => french,
            Locale::En => english,
        }
    }

    /// The code of a refusal.
    #[must_use]
    pub const fn of(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::ScopeNotFound => Self::ScopeNotFound,
            Refusal::CollaboratorNotFound => Self::CollaboratorNotFound,
            Refusal::InvitationNotFound => Self::InvitationNotFound,
            Refusal::Forbidden => Self::Forbidden,
            Refusal::OwnRole => Self::OwnRole,
            Refusal::EmailMismatch => Self::EmailMismatch,
            Refusal::AlreadyHasAccess(_) => Self::AlreadyHasAccess,
            Refusal::SeatLimitReached { .. } => Self::SeatLimitReached,
            Refusal::OwnerMustTransfer => Self::OwnerMustTransfer,
            Refusal::NotPending => Self::NotPending,
            Refusal::NotActive => Self::NotActive,
            Refusal::TooManyGrants => Self::TooManyGrants,
            Refusal::InheritedAccess(_) => Self::InheritedAccess,
            Refusal::InvitationExpired => Self::InvitationExpired,
            Refusal::StaleVersion => Self::StaleVersion,
            Refusal::VersionRequired => Self::IfMatchRequired,
            Refusal::RoleNotOffered => Self::RoleNotOffered,
            Refusal::RoleNotAllowedHere => Self::RoleNotAllowedHere,
            Refusal::InvalidExpiry => Self::InvalidExpiry,
            Refusal::InvalidSeatLimit => Self::InvalidSeatLimit,
            Refusal::InvalidField { .. } => Self::InvalidField,
            Refusal::ResendTooSoon { .. } => Self::ResendTooSoon,
            Refusal::ResendLimit { .. } => Self::ResendLimit,
            Refusal::MailLimit { .. } => Self::MailLimit,
        }
    }

    /// The code's word, its status, and what it says in French and in English.
    #[rustfmt::skip]
    #[expect(clippy::too_many_lines, reason = "it is a table")]
    const fn entry(self) -> (&'static str, u16, Words, Words) {
        match self {
            Self::Malformed => (
                "malformed", 400,
                ("Requête illisible", "La requête n’a pas la forme attendue\u{a0}: corrigez-la avant de la renvoyer."),
                ("Malformed request", "The request is not of the expected form: correct it before sending it again."),
            ),
            Self::Unauthenticated => (
                "unauthenticated", 401,
                ("Connexion requise", "Connectez-vous, puis recommencez."),
                ("Not signed in", "Sign in, then try again."),
            ),
            Self::Forbidden => (
                "forbidden", 403,
                ("Action non autorisée", "Votre accès ne permet pas cette action ici\u{a0}: demandez-la à un administrateur ou au propriétaire."),
                ("Not allowed", "Your access does not allow this here: ask an administrator or the owner for it."),
            ),
            Self::OwnRole => (
                "own-role", 403,
                ("Votre propre rôle", "Personne ne change son propre rôle\u{a0}: demandez-le à un autre administrateur."),
                ("Your own role", "Nobody changes their own role: ask another administrator for it."),
            ),
            Self::EmailNotVerified => (
                "email-not-verified", 403,
                ("Adresse non vérifiée", "Vérifiez l’adresse e-mail de votre compte, puis reconnectez-vous."),
                ("Address not verified", "Verify the e-mail address of your account, then sign in again."),
            ),
            Self::EmailMismatch => (
                "email-mismatch", 403,
                ("Invitation pour une autre adresse", "Cette invitation est destinée à une autre adresse\u{a0}: connectez-vous avec celle qui l’a reçue."),
                ("Invitation for another address", "This invitation is for another address: sign in with the one that received it."),
            ),
            Self::ScopeNotFound => (
                "scope-not-found", 404,
                ("Niveau introuvable", "Ce niveau n’existe pas, ou vous n’y avez pas accès."),
                ("Scope not found", "This scope does not exist, or you have no access to it."),
            ),
            Self::CollaboratorNotFound => (
                "collaborator-not-found", 404,
                ("Collaborateur introuvable", "Personne n’a d’accès sous cet identifiant à ce niveau\u{a0}: rechargez la liste."),
                ("Collaborator not found", "Nobody has access under this id at this scope: reload the list."),
            ),
            Self::InvitationNotFound => (
                "invitation-not-found", 404,
                ("Invitation introuvable", "Ce lien n’est pas ou plus valable\u{a0}: demandez qu’on vous renvoie l’invitation."),
                ("Invitation not found", "This link is not valid, or not any more: ask for the invitation to be sent again."),
            ),
            Self::AlreadyHasAccess => (
                "already-has-access", 409,
                ("Accès déjà donné", "Cette personne a déjà un droit d’accès à ce niveau\u{a0}: changez son rôle au lieu de l’inviter."),
                ("Access given already", "This person has access at this scope already: change their role instead of inviting them."),
            ),
            Self::SeatLimitReached => (
                "seat-limit-reached", 409,
                ("Limite de collaborateurs atteinte", "Tous les sièges du contrat sont pris\u{a0}: retirez un collaborateur ou augmentez la limite."),
                ("Seat limit reached", "All seats of the contract are taken: remove a collaborator or raise the limit."),
            ),
            Self::OwnerMustTransfer => (
                "owner-must-transfer", 409,
                ("Propriété à transférer", "L’accès d’un propriétaire ne se change ni ne se retire\u{a0}: transférez d’abord la propriété."),
                ("Ownership must be transferred", "An owner's access is neither changed nor taken: transfer the ownership first."),
            ),
            Self::NotPending => (
                "not-pending", 409,
                ("Aucune invitation en attente", "Cette personne n’a pas d’invitation à renvoyer\u{a0}: si son accès a pris fin, invitez-la à nouveau."),
                ("No invitation is pending", "This person has no invitation to send again: if the access has ended, invite them anew."),
            ),
            Self::NotActive => (
                "not-active", 409,
                ("Collaborateur inactif", "Cette personne n’a pas encore accepté son invitation\u{a0}: attendez qu’elle le fasse, puis recommencez."),
                ("Collaborator not active", "This person has not accepted the invitation yet: wait for it, then try again."),
            ),
            Self::TooManyGrants => (
                "too-many-grants", 409,
                ("Trop de droits d’accès", "Une personne a au plus 200 droits d’accès\u{a0}: donnez-en un à un niveau supérieur."),
                ("Too many grants", "One person holds at most 200 grants: give one at a higher scope instead."),
            ),
            Self::InheritedAccess => (
                "inherited-access", 409,
                ("Accès hérité", "Cet accès vient d’un niveau supérieur\u{a0}: retirez-le là où il a été donné."),
                ("Inherited access", "This access comes from a higher scope: take it where it was given."),
            ),
            Self::InvitationExpired => (
                "invitation-expired", 410,
                ("Invitation expirée", "Cette invitation a expiré\u{a0}: demandez qu’on vous la renvoie."),
                ("Invitation expired", "This invitation has expired: ask for it to be sent again."),
            ),
            Self::StaleVersion => (
                "stale-version", 412,
                ("Version dépassée", "Quelqu’un d’autre l’a modifié entre-temps\u{a0}: rechargez, vérifiez, puis recommencez."),
                ("Stale version", "Somebody else changed it in the meantime: reload, check, then try again."),
            ),
            Self::TooLarge => (
                "too-large", 413,
                ("Requête trop grande", "Le corps d’une requête a au plus 256 Kio\u{a0}: envoyez-la en plusieurs fois."),
                ("Request too large", "The body of a request has at most 256 KiB: send it in parts."),
            ),
            Self::UnsupportedMediaType => (
                "unsupported-media-type", 415,
                ("Type de contenu inconnu", "Envoyez du JSON, avec Content-Type: application/json."),
                ("Unsupported media type", "Send JSON, with Content-Type: application/json."),
            ),
            Self::InvalidEmail => (
                "invalid-email", 422,
                ("Adresse e-mail non valable", "Corrigez l’adresse e-mail."),
                ("Invalid e-mail address", "Correct the e-mail address."),
            ),
            Self::InvalidField => (
                "invalid-field", 422,
                ("Champ non valable", "Corrigez les champs indiqués."),
                ("Invalid field", "Correct the fields that are named."),
            ),
            Self::TooManyItems => (
                "too-many-items", 422,
                ("Trop d’éléments", "Envoyez moins d’éléments à la fois."),
                ("Too many items", "Send fewer items at once."),
            ),
            Self::InvalidRole => (
                "invalid-role", 422,
                ("Rôle inconnu", "Choisissez l’un des rôles du client."),
                ("Unknown role", "Choose one of the client's roles."),
            ),
            Self::RoleNotOffered => (
                "role-not-offered", 422,
                ("Rôle non proposé", "Ce client ne propose pas ce rôle\u{a0}: choisissez-en un autre."),
                ("Role not offered", "This client does not offer this role: choose another one."),
            ),
            Self::RoleNotAllowedHere => (
                "role-not-allowed-here", 422,
                ("Rôle impossible ici", "Ce rôle ne se donne pas ainsi à ce niveau\u{a0}: le rôle personnalisé vaut pour un événement, la propriété se transfère."),
                ("Role not possible here", "This role cannot be given this way at this scope: a custom role is for an event, ownership is transferred."),
            ),
            Self::InvalidPermission => (
                "invalid-permission", 422,
                ("Autorisations non valables", "Choisissez des autorisations qui existent\u{a0}; seul un rôle personnalisé en porte, au moins une et aucune sur les droits d’accès."),
                ("Invalid permissions", "Choose permissions that exist; only a custom role carries any, at least one and none on access."),
            ),
            Self::InvalidExpiry => (
                "invalid-expiry", 422,
                ("Fin d’accès non valable", "Donnez une date et une heure à venir, avec leur fuseau."),
                ("Invalid end of access", "Give a date and time in the future, with its offset."),
            ),
            Self::InvalidScope => (
                "invalid-scope", 422,
                ("Niveau non valable", "Un niveau s’écrit client, client:audience ou client:audience:événement, en minuscules, chiffres et tirets."),
                ("Invalid scope", "A scope is written client, client:audience or client:audience:event, in lower-case letters, digits and hyphens."),
            ),
            Self::InvalidSeatLimit => (
                "invalid-seat-limit", 422,
                ("Limite de sièges non valable", "Donnez un nombre entier, ou null pour ne pas limiter\u{a0}; à la création, au moins 1."),
                ("Invalid seat limit", "Give a whole number, or null for no limit; at creation at least 1."),
            ),
            Self::IdempotencyKeyReused => (
                "idempotency-key-reused", 422,
                ("Clé d’idempotence déjà utilisée", "Cette clé Idempotency-Key a servi à une autre demande dans les dernières 24 heures\u{a0}: prenez-en une nouvelle."),
                ("Idempotency key reused", "This Idempotency-Key was used for another request in the last 24 hours: take a new one."),
            ),
            Self::IfMatchRequired => (
                "if-match-required", 428,
                ("If-Match requis", "Nommez la version que vous avez lue\u{a0}: If-Match avec la valeur d’ETag, et non *."),
                ("If-Match required", "Name the version that you read: If-Match with the value of ETag, and not *."),
            ),
            Self::ResendTooSoon => (
                "resend-too-soon", 429,
                ("Envoi trop rapproché", "Un message vient de partir pour cette personne\u{a0}: attendez une minute."),
                ("Sent too soon", "A mail to this person has just been sent: wait a minute."),
            ),
            Self::ResendLimit => (
                "resend-limit", 429,
                ("Limite de renvois atteinte", "L’invitation a été renvoyée cinq fois aujourd’hui\u{a0}: recommencez demain."),
                ("Resend limit reached", "The invitation was sent again five times today: try again tomorrow."),
            ),
            Self::MailLimit => (
                "mail-limit", 429,
                ("Limite d’envois atteinte", "Ce client a envoyé tous ses messages du jour\u{a0}: recommencez demain."),
                ("Mail limit reached", "This client has sent all its mails of the day: try again tomorrow."),
            ),
            Self::Internal => (
                "internal", 500,
                ("Erreur interne", "Une erreur inattendue est survenue\u{a0}: signalez-la avec l’identifiant de la requête."),
                ("Internal error", "Something unexpected happened: report it with the id of the request."),
            ),
            Self::TryAgain => (
                "try-again", 503,
                ("Réessayez", "Le service est occupé\u{a0}: recommencez dans un instant."),
                ("Try again", "The service is busy: try again in a moment."),
            ),
        }
    }
}

/// A title and a detail.
type Words = (&'static str, &'static str);

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
