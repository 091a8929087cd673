//! The stable codes of problems, with the status and texts of each.

use coulisses_domain::{locale::Locale, refusal::Refusal};
use lambda_http::http::StatusCode;
use serde::Serialize;
use strum::{IntoStaticStr, VariantArray};

/// The stable code of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, Serialize, VariantArray)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[expect(missing_docs, reason = "the texts below describe each code")]
pub enum Code {
    Malformed,
    Unauthenticated,
    FreshLoginRequired,
    Forbidden,
    OwnRole,
    EmailNotVerified,
    EmailNotSupported,
    EmailMismatch,
    ScopeNotFound,
    CollaboratorNotFound,
    InvitationNotFound,
    RoleNotFound,
    AlreadyExists,
    RoleInUse,
    TooManyRoles,
    AlreadyHasAccess,
    SeatLimitReached,
    WaitingListFull,
    OwnerMustTransfer,
    NotPending,
    NotActive,
    ScopeArchived,
    AccessEnded,
    TooManyGrants,
    InheritedAccess,
    InvitationStillValid,
    InvitationExpired,
    InvitationEnded,
    InvitationUsed,
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
    /// All codes.
    pub const ALL: &'static [Self] = <Self as VariantArray>::VARIANTS;

    /// The code in a response.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The status of the response.
    #[must_use]
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.entry().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The address of the page that explains the code, on the console at `console`. If that is empty, the address is
    /// relative: the console's distribution serves the API too.
    #[must_use]
    pub fn address(self, console: &str) -> String {
        format!("{console}/problems#{}", self.name())
    }

    /// The title, and the detail that says what to do next.
    #[must_use]
    pub const fn localized(self, locale: Locale) -> (&'static str, &'static str) {
        let (_, french, english) = self.entry();
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
            Refusal::WaitingListFull => Self::WaitingListFull,
            Refusal::OwnerMustTransfer => Self::OwnerMustTransfer,
            Refusal::NotPending => Self::NotPending,
            Refusal::NotActive => Self::NotActive,
            Refusal::ScopeArchived => Self::ScopeArchived,
            Refusal::AccessEnded { .. } => Self::AccessEnded,
            Refusal::NotArchivable | Refusal::NotCopyable => Self::InvalidScope,
            Refusal::TooManyGrants => Self::TooManyGrants,
            Refusal::InheritedAccess(_) => Self::InheritedAccess,
            Refusal::InvitationExpired => Self::InvitationExpired,
            Refusal::InvitationEnded => Self::InvitationEnded,
            Refusal::InvitationUsed => Self::InvitationUsed,
            Refusal::InvitationStillValid => Self::InvitationStillValid,
            Refusal::StaleVersion => Self::StaleVersion,
            Refusal::VersionRequired => Self::IfMatchRequired,
            Refusal::FreshLoginRequired { .. } => Self::FreshLoginRequired,
            Refusal::UnknownRole | Refusal::UnknownOfferedRole => Self::InvalidRole,
            Refusal::RoleNotFound => Self::RoleNotFound,
            Refusal::RoleExists => Self::AlreadyExists,
            Refusal::TooManyRoles => Self::TooManyRoles,
            Refusal::RoleInUse { .. } => Self::RoleInUse,
            Refusal::RoleNotOffered => Self::RoleNotOffered,
            Refusal::RoleNotAllowedHere | Refusal::NoOwnerHere => Self::RoleNotAllowedHere,
            Refusal::InGrant { refusal, .. } => Self::of(refusal),
            Refusal::Several(refusals) => match refusals.as_slice() {
                [first, ..] => Self::of(first),
                [] => Self::InvalidField,
            },
            Refusal::InvalidExpiry => Self::InvalidExpiry,
            Refusal::InvalidSeatLimit => Self::InvalidSeatLimit,
            Refusal::InvalidField { .. } | Refusal::NoRecipients => Self::InvalidField,
            Refusal::ResendTooSoon { .. } | Refusal::DeclinedToday { .. } => Self::ResendTooSoon,
            Refusal::ResendLimit { .. } => Self::ResendLimit,
            Refusal::MailLimit { .. } => Self::MailLimit,
        }
    }

    /// The status, and the title and detail in French and in English.
    #[rustfmt::skip]
    #[expect(clippy::too_many_lines, reason = "one table of all codes")]
    const fn entry(self) -> (u16, Words, Words) {
        match self {
            Self::Malformed => (400,
                ("Requête incorrecte", "La requête n’a pas la forme attendue\u{a0}: corrigez-la, puis renvoyez-la."),
                ("Malformed request", "The request is malformed. Correct it and send it again.")),
            Self::Unauthenticated => (401,
                ("Connexion requise", "Connectez-vous, puis réessayez."),
                ("Not signed in", "Sign in, then try again.")),
            Self::FreshLoginRequired => (401,
                ("Nouvelle connexion requise", "Votre connexion est trop ancienne pour cette action\u{a0}: reconnectez-vous, puis réessayez."),
                ("New sign-in required", "You signed in too long ago for this action. Sign in again, then try again.")),
            Self::Forbidden => (403,
                ("Action non autorisée", "Votre accès ne permet pas cette action ici\u{a0}: adressez-vous à la personne qui gère l’équipe."),
                ("Not allowed", "Your access does not allow this action here. Ask an administrator or the owner.")),
            Self::OwnRole => (403,
                ("Votre propre rôle", "Vous ne pouvez pas modifier votre propre rôle\u{a0}: demandez-le à un autre administrateur."),
                ("Your own role", "You cannot change your own role. Ask another administrator.")),
            Self::EmailNotVerified => (403,
                ("Adresse non vérifiée", "Vérifiez l’adresse e-mail de votre compte, puis reconnectez-vous."),
                ("Address not verified", "Verify the e-mail address of your account, then sign in again.")),
            Self::EmailNotSupported => (403,
                ("Adresse non prise en charge", "Aucune invitation ne peut être envoyée à l’adresse e-mail de votre compte\u{a0}: connectez-vous avec une autre."),
                ("Address not supported", "No invitation can be sent to the e-mail address of your account. Sign in with another one.")),
            Self::EmailMismatch => (403,
                ("Invitation pour une autre adresse", "Cette invitation a été envoyée à une autre adresse\u{a0}: connectez-vous avec celle-ci."),
                ("Invitation for another address", "This invitation was sent to another address. Sign in with that address.")),
            Self::ScopeNotFound => (404,
                ("Introuvable", "Cet événement, ce groupe ou ce compte n’existe pas, ou vous n’y avez pas accès."),
                ("Scope not found", "This scope does not exist, or you do not have access to it.")),
            Self::CollaboratorNotFound => (404,
                ("Personne introuvable", "Cette personne n’a pas d’accès ici\u{a0}: actualisez la liste."),
                ("Collaborator not found", "This person has no access at this scope. Reload the list.")),
            Self::InvitationNotFound => (404,
                ("Invitation introuvable", "Ce lien n’est pas valable, ou ne l’est plus\u{a0}: ouvrez celui du dernier e-mail reçu ou, à défaut, demandez une nouvelle invitation."),
                ("Invitation not found", "This link is not valid, or no longer valid. Open the link in the latest e-mail or, failing that, ask to be invited again.")),
            Self::RoleNotFound => (404,
                ("Rôle introuvable", "Ce compte ne définit pas ce rôle\u{a0}: actualisez la liste des rôles."),
                ("Role not found", "This client does not define this role. List its roles again.")),
            Self::AlreadyExists => (409,
                ("Clé déjà prise", "Un rôle du catalogue a déjà cette clé\u{a0}: choisissez-en une autre."),
                ("Already exists", "The catalogue already has a role with this key. Choose another key.")),
            Self::RoleInUse => (409,
                ("Rôle attribué", "Des personnes ont encore ce rôle\u{a0}: donnez-leur un autre rôle, puis supprimez celui-ci."),
                ("Role in use", "Collaborators still hold this role. Name the role that they get instead with `reassign`.")),
            Self::TooManyRoles => (409,
                ("Trop de rôles", "Un compte définit 50 rôles au plus\u{a0}: supprimez-en un qui ne sert plus."),
                ("Too many roles", "A client defines at most 50 roles. Delete one that is no longer used.")),
            Self::AlreadyHasAccess => (409,
                ("Accès déjà accordé", "Cette personne a déjà accès ici\u{a0}: modifiez son rôle au lieu de l’inviter."),
                ("Already has access", "This person already has access at this scope. Change their role instead of inviting them.")),
            Self::SeatLimitReached => (409,
                ("Limite de collaborateurs atteinte", "Toutes les places du contrat sont prises, ou promises à la liste d’attente\u{a0}: retirez une personne, ou demandez une limite plus élevée. Une invitation peut aussi attendre une place."),
                ("Seat limit reached", "All seats of the contract are taken, or promised to people who wait. Remove a collaborator or raise the limit. An invitation can also wait for a seat.")),
            Self::WaitingListFull => (409,
                ("Liste d’attente complète", "Toutes les places du contrat sont prises, et cent personnes en attendent déjà une\u{a0}: retirez une personne, ou demandez une limite plus élevée."),
                ("Waiting list full", "All seats of the contract are taken, and a hundred people already wait for one. Remove a collaborator or raise the limit.")),
            Self::OwnerMustTransfer => (409,
                ("Propriété à transférer", "L’accès d’un propriétaire ne peut être ni modifié ni retiré\u{a0}: transférez d’abord la propriété."),
                ("Ownership must be transferred", "An owner's access cannot be changed or removed. Transfer the ownership first.")),
            Self::NotPending => (409,
                ("Aucune invitation en attente", "Cette personne n’a pas d’invitation à renvoyer\u{a0}: si son accès a pris fin, invitez-la de nouveau."),
                ("No pending invitation", "This person has no invitation to resend. If their access has ended, invite them again.")),
            Self::NotActive => (409,
                ("Accès pas encore actif", "Cette personne n’a pas encore accepté son invitation\u{a0}: réessayez quand elle l’aura fait."),
                ("Collaborator not active", "This person has not accepted the invitation yet. Try again when they have.")),
            Self::ScopeArchived => (409,
                ("Événement archivé", "Cet événement est archivé\u{a0}: sortez-le des archives pour y donner accès."),
                ("Scope archived", "This event or community is archived. Take it out of the archive to give access to it.")),
            Self::AccessEnded => (409,
                ("Accès à l’événement terminé", "L’accès à cet événement a pris fin avec lui\u{a0}: repoussez sa fin, ou donnez un accès qui lui survit."),
                ("Access to the event ended", "Access to this event ended with it. Move its end, or give access that outlives the event.")),
            Self::TooManyGrants => (409,
                ("Trop d’accès", "Une personne peut avoir au plus 200 accès\u{a0}: donnez-lui accès au groupe ou au compte."),
                ("Too many grants", "A person can have at most 200 grants. Grant access at a higher scope instead.")),
            Self::InheritedAccess => (409,
                ("Accès donné plus haut", "Cet accès vient du groupe ou du compte\u{a0}: retirez-le là où il a été donné."),
                ("Inherited access", "This access comes from a higher scope. Remove it where it was granted.")),
            Self::InvitationStillValid => (409,
                ("Invitation encore valable", "Cette invitation n’a pas expiré\u{a0}: ouvrez son lien pour l’accepter ou la décliner."),
                ("Invitation still valid", "This invitation has not expired. Open its link to accept or decline it.")),
            Self::InvitationExpired => (410,
                ("Invitation expirée", "Cette invitation a expiré\u{a0}: demandez qu’on vous la renvoie."),
                ("Invitation expired", "This invitation has expired. Ask for it to be sent again.")),
            Self::InvitationEnded => (410,
                ("Accès terminé", "Les accès de cette invitation ont pris fin\u{a0}: demandez une nouvelle invitation."),
                ("Access ended", "The access of this invitation has ended. Ask to be invited again.")),
            Self::InvitationUsed => (410,
                ("Invitation déjà acceptée", "Cette invitation a déjà été acceptée\u{a0}: connectez-vous avec le compte qui l’a acceptée."),
                ("Invitation already accepted", "This invitation was already accepted. Sign in with the account that accepted it.")),
            Self::StaleVersion => (412,
                ("Version dépassée", "Cet élément a été modifié entre-temps\u{a0}: actualisez, vérifiez, puis réessayez."),
                ("Stale version", "This was changed in the meantime. Reload, check, then try again.")),
            Self::TooLarge => (413,
                ("Requête trop volumineuse", "Le corps d’une requête est limité à 256\u{a0}Kio\u{a0}: envoyez-la en plusieurs fois."),
                ("Request too large", "A request body can have at most 256 KiB. Split it into several requests.")),
            Self::UnsupportedMediaType => (415,
                ("Type de contenu non pris en charge", "Envoyez du JSON, avec Content-Type: application/json."),
                ("Unsupported media type", "Send JSON, with Content-Type: application/json.")),
            Self::InvalidEmail => (422,
                ("Adresse e-mail non valide", "Corrigez l’adresse e-mail."),
                ("Invalid e-mail address", "Correct the e-mail address.")),
            Self::InvalidField => (422,
                ("Champ non valide", "Corrigez les champs indiqués."),
                ("Invalid field", "Correct the fields listed.")),
            Self::TooManyItems => (422,
                ("Trop d’éléments", "Envoyez moins d’éléments à la fois."),
                ("Too many items", "Send fewer items at a time.")),
            Self::InvalidRole => (422,
                ("Rôle inconnu", "Choisissez l’un des rôles du client."),
                ("Unknown role", "Choose one of the client's roles.")),
            Self::RoleNotOffered => (422,
                ("Rôle non proposé", "Ce client ne propose pas ce rôle\u{a0}: choisissez-en un autre."),
                ("Role not offered", "This client does not offer this role. Choose another one.")),
            Self::RoleNotAllowedHere => (422,
                ("Rôle impossible ici", "Ce rôle ne peut pas être donné ainsi ici\u{a0}: un rôle personnalisé se donne sur un événement, et la propriété se transfère."),
                ("Role not allowed here", "This role cannot be granted this way at this scope. A custom role is for an event; ownership is transferred.")),
            Self::InvalidPermission => (422,
                ("Autorisations non valides", "Choisissez des autorisations existantes. Seul un rôle personnalisé ou défini par le client en comporte\u{a0}: au moins une, et aucune sur les droits d’accès."),
                ("Invalid permissions", "Choose existing permissions. Only a custom role, or one that a client defines, has them: at least one, and none on access.")),
            Self::InvalidExpiry => (422,
                ("Fin d’accès non valide", "Indiquez une date et une heure à venir, avec leur fuseau horaire."),
                ("Invalid end of access", "Give a date and time in the future, with its UTC offset.")),
            Self::InvalidScope => (422,
                ("Identifiant non valide", "Un identifiant s’écrit client, client:audience ou client:audience:événement, en minuscules, chiffres et tirets."),
                ("Invalid scope", "Write a scope as client, client:audience or client:audience:event, in lower-case letters, digits and hyphens.")),
            Self::InvalidSeatLimit => (422,
                ("Nombre de places non valide", "Indiquez un nombre entier (au moins 1 à la création), ou null pour ne pas fixer de limite."),
                ("Invalid seat limit", "Give a whole number (at least 1 at creation), or null for no limit.")),
            Self::IdempotencyKeyReused => (422,
                ("Clé d’idempotence déjà utilisée", "Cette clé Idempotency-Key a servi à une autre requête au cours des dernières 24\u{a0}heures\u{a0}: utilisez-en une nouvelle."),
                ("Idempotency key reused", "This Idempotency-Key was used for another request in the last 24 hours. Use a new one.")),
            Self::IfMatchRequired => (428,
                ("If-Match requis", "Indiquez la version que vous avez lue\u{a0}: If-Match avec la valeur d’ETag, et non *."),
                ("If-Match required", "Send If-Match with the ETag that you read, not *.")),
            Self::ResendTooSoon => (429,
                ("Envoi trop rapproché", "Il est trop tôt pour inviter de nouveau cette personne\u{a0}: réessayez plus tard."),
                ("Sent too soon", "It is too soon to invite this person again. Try again later.")),
            Self::ResendLimit => (429,
                ("Limite de renvois atteinte", "L’invitation a été renvoyée cinq fois aujourd’hui\u{a0}: réessayez demain."),
                ("Resend limit reached", "The invitation was resent five times today. Try again tomorrow.")),
            Self::MailLimit => (429,
                ("Limite d’envois atteinte", "La limite d’e-mails du jour est atteinte\u{a0}: réessayez demain."),
                ("Mail limit reached", "The daily limit of e-mails is reached. Try again tomorrow.")),
            Self::Internal => (500,
                ("Erreur interne", "Une erreur inattendue s’est produite\u{a0}: signalez-la avec l’identifiant de la requête."),
                ("Internal error", "An unexpected error occurred. Report it with the request id.")),
            Self::TryAgain => (503,
                ("Réessayez", "Le service est occupé\u{a0}: réessayez dans un instant."),
                ("Try again", "The service is busy. Try again in a moment.")),
        }
    }
}

/// A title and a detail.
type Words = (&'static str, &'static str);
