//! Pages of search results.

use coulisses_aws::{
    http::{Failure, Object, Reply, whole_number},
    ids::IdKey,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Number;

/// The most results on a page, and the number without a limit in the request.
const MOST: usize = 1_000;

/// The page of a request.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct PageBody {
    token: Option<String>,
    limit: Option<Number>,
}

/// A page of one search. A token is valid only with the entities and the limit that it was issued for, which are
/// authenticated with it. It contains an address, so it is encrypted.
#[derive(Debug)]
pub(crate) struct Pages<'a> {
    ids: &'a IdKey,
    search: String,
    token: Option<String>,
    /// The most results.
    pub limit: usize,
}

impl<'a> Pages<'a> {
    /// The pages of a search for `entities`.
    ///
    /// # Errors
    /// `malformed` if the limit is not a whole number.
    pub(crate) fn of(
        ids: &'a IdKey,
        entities: &impl Serialize,
        page: Option<Object<PageBody>>,
    ) -> Result<Self, Failure> {
        let PageBody { token, limit } = page.map(|Object(page)| page).unwrap_or_default();
        let limit = limit.map(|limit| {
            whole_number(&limit).ok_or_else(|| {
                Failure::malformed(
                    "page.limit n’est pas un nombre entier",
                    "page.limit is not a whole number",
                )
            })
        });
        // Languages whose numbers cannot be absent send 0 for no limit.
        let limit = limit.transpose()?.filter(|limit| *limit > 0);
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(MOST).min(MOST);
        let search = serde_json::to_string(&(entities, limit)).map_err(Failure::internal)?;
        Ok(Self { ids, search, token, limit })
    }

    /// The last result of the page before; `None` for the first page.
    ///
    /// # Errors
    /// `malformed` for a token that was not issued for this search.
    pub(crate) fn after<T: DeserializeOwned>(&self) -> Result<Option<T>, Failure> {
        let Some(token) = self.token.as_deref().filter(|token| !token.is_empty()) else {
            return Ok(None);
        };
        let last = self.ids.open(&self.search, token);
        let last = last.and_then(|last| serde_json::from_slice(&last).ok());
        last.map(Some).ok_or_else(|| {
            Failure::malformed(
                "page.token n’a pas été émis pour cette recherche",
                "page.token was not issued for this search",
            )
        })
    }

    /// The response with a page that ends with `last`, if results follow.
    ///
    /// # Errors
    /// `internal` without randomness.
    pub(crate) fn reply<R: Serialize>(
        &self,
        results: Vec<R>,
        last: Option<&impl Serialize>,
    ) -> Result<Reply, Failure> {
        let next_token = match last {
            Some(last) => {
                let last = serde_json::to_vec(last).map_err(Failure::internal)?;
                self.ids.seal(&self.search, &last).map_err(Failure::internal)?
            }
            None => String::new(),
        };
        let page = PageView { next_token, count: results.len() };
        Ok(Reply::ok(&Found { page, results }))
    }
}

/// The page comes first, so that a reader knows the number of results before them.
#[derive(Debug, Serialize)]
struct Found<R> {
    page: PageView,
    results: Vec<R>,
}

#[derive(Debug, Serialize)]
struct PageView {
    next_token: String,
    count: usize,
}
