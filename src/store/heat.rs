use chrono::NaiveDate;
use sqlx::{Postgres, Transaction};

use super::{Store, StoreError};
use crate::event::PageViewId;

/// Heat of a page view as it is stored.
#[derive(Clone, Debug)]
pub struct NewHeatView {
    /// The page view.
    pub page_view_id: i64,
    /// Form of the bytes.
    pub form: i16,
    /// Events that it was built from.
    pub events: i32,
    /// Was its outline among what it was built from?
    pub outlined: bool,
    /// A column a kind, in their order, then the sums by element; `None` where there is none.
    pub columns: HeatColumns,
    /// Keys of the elements that it clicked.
    pub clicked: Vec<i64>,
}

/// The columns of bytes of both tables of heat.
pub type HeatColumns = [Option<Vec<u8>>; 9];

/// The sum of the heat of page views.
#[derive(Clone, Debug)]
pub struct NewHeatDay {
    /// Site of the page.
    pub site_id: i32,
    /// The page.
    pub page_id: i32,
    /// Class of device, as stored.
    pub device: i16,
    /// Smallest width of viewports, CSS px.
    pub width_from: i32,
    /// The smallest width beyond it.
    pub width_to: i32,
    /// The day.
    pub day: NaiveDate,
    /// The page views that it is the sum of.
    pub views: Vec<i64>,
    /// Sessions that they belong to.
    pub sessions: i32,
    /// Sum over what each was built from.
    pub checksum: i64,
    /// As in `NewHeatView`.
    pub columns: HeatColumns,
}

/// Key of a row of `core.heat_day` within its day: site, page, class of device, smallest width.
pub type HeatDayKey = (i32, i32, i16, i32);

/// The right to build heat. There is one, so that two collectors don't do the same work. It ends when this is dropped.
pub struct HeatTurn {
    _transaction: Transaction<'static, Postgres>,
}

impl Store {
    /// Takes the right to build heat, unless somebody has it.
    pub async fn take_heat_turn(&self) -> Result<Option<HeatTurn>, StoreError> {
        let mut transaction = self.admin.begin().await?;
        let is_ours = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock(hashtext('core.heat')) as "is_ours!""#);
        let is_ours = is_ours.fetch_one(&mut *transaction).await?;
        Ok(is_ours.then_some(HeatTurn { _transaction: transaction }))
    }

    /// These days have to be looked at again.
    pub async fn heat_is_due(&self, days: &[NaiveDate]) -> Result<(), StoreError> {
        sqlx::query!("select core.heat_is_due($1)", days).fetch_one(&self.admin).await?;
        Ok(())
    }

    /// Somebody begins to look at a day: what changes from now on makes it due once more.
    pub async fn begin_heat_day(&self, day: NaiveDate) -> Result<(), StoreError> {
        sqlx::query!("update core.heat_due set is_new = false where day = $1", day).execute(&self.admin).await?;
        Ok(())
    }

    /// All of the day is done, unless something changed since.
    pub async fn end_heat_day(&self, day: NaiveDate) -> Result<(), StoreError> {
        sqlx::query!("delete from core.heat_due where day = $1 and not is_new", day).execute(&self.admin).await?;
        Ok(())
    }

    /// Stores the heat of page views in place of what there was. One that was erased meanwhile gets none.
    pub async fn store_heat_views(&self, mut views: Vec<NewHeatView>) -> Result<(), StoreError> {
        // In the order of their ids, in which everybody locks page views.
        views.sort_unstable_by_key(|view| view.page_view_id);
        let ids: Vec<i64> = views.iter().map(|view| view.page_view_id).collect();
        let days: Vec<NaiveDate> = ids.iter().filter_map(|id| PageViewId::from_i64(*id)).map(PageViewId::day).collect();
        let forms: Vec<i16> = views.iter().map(|view| view.form).collect();
        let events: Vec<i32> = views.iter().map(|view| view.events).collect();
        let outlined: Vec<bool> = views.iter().map(|view| view.outlined).collect();
        let mut clicked = Vec::new();
        let (mut clicked_from, mut clicked_to) = (Vec::new(), Vec::new());
        let mut columns: [Vec<Option<Vec<u8>>>; 9] = Default::default();
        for view in views {
            clicked_from.push(clicked.len() as i32 + 1);
            clicked.extend(view.clicked);
            clicked_to.push(clicked.len() as i32);
            for (column, bytes) in columns.iter_mut().zip(view.columns) {
                column.push(bytes);
            }
        }
        let [movement, attention, click, first_click, rage, dead, hesitation, reach, elements] = &columns;
        sqlx::query!(
            "with locked as (select page_view_id from core.page_view where page_view_id = any ($1) order by page_view_id for key share)
             insert into core.heat_view (page_view_id, day, form, events, outlined, movement, attention, click, first_click, rage, dead, hesitation,
                                         reach, elements, clicked)
             select u.id, u.day, u.form, u.events, u.outlined, u.movement, u.attention, u.click, u.first_click, u.rage, u.dead, u.hesitation, u.reach,
                    u.elements, nullif(($17::int8[])[u.c1:u.c2], '{}')
             from unnest($1::int8[], $2::date[], $3::int2[], $4::int4[], $5::bool[], $6::bytea[], $7::bytea[], $8::bytea[], $9::bytea[], $10::bytea[],
                         $11::bytea[], $12::bytea[], $13::bytea[], $14::bytea[], $15::int4[], $16::int4[])
                  as u(id, day, form, events, outlined, movement, attention, click, first_click, rage, dead, hesitation, reach, elements, c1, c2)
             join locked on locked.page_view_id = u.id
             on conflict (page_view_id, day) do update
             set form = excluded.form, events = excluded.events, outlined = excluded.outlined, movement = excluded.movement,
                 attention = excluded.attention, click = excluded.click, first_click = excluded.first_click, rage = excluded.rage,
                 dead = excluded.dead, hesitation = excluded.hesitation, reach = excluded.reach, elements = excluded.elements,
                 clicked = excluded.clicked",
            &ids,
            &days,
            &forms,
            &events,
            &outlined,
            movement as &[Option<Vec<u8>>],
            attention as &[Option<Vec<u8>>],
            click as &[Option<Vec<u8>>],
            first_click as &[Option<Vec<u8>>],
            rage as &[Option<Vec<u8>>],
            dead as &[Option<Vec<u8>>],
            hesitation as &[Option<Vec<u8>>],
            reach as &[Option<Vec<u8>>],
            elements as &[Option<Vec<u8>>],
            &clicked_from,
            &clicked_to,
            &clicked
        )
        .execute(&self.admin)
        .await?;
        Ok(())
    }

    /// Stores the sum of a day in place of what there was. `false`, and nothing stored, where one of its page views was erased meanwhile.
    pub async fn store_heat_day(&self, new: &NewHeatDay) -> Result<bool, StoreError> {
        let mut transaction = self.admin.begin().await?;
        let held = sqlx::query_scalar!(
            r#"select count(*) as "held!" from
                   (select from core.page_view where page_view_id = any ($1) order by page_view_id for key share) v"#,
            &new.views
        )
        .fetch_one(&mut *transaction)
        .await?;
        if held < new.views.len() as i64 {
            return Ok(false);
        }
        let [movement, attention, click, first_click, rage, dead, hesitation, reach, elements] = &new.columns;
        sqlx::query!(
            "insert into core.heat_day (site_id, page_id, device, width_from, day, width_to, views, sessions, checksum, movement, attention, click,
                                        first_click, rage, dead, hesitation, reach, elements)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
             on conflict (site_id, page_id, device, width_from, day) do update
             set width_to = excluded.width_to, views = excluded.views, sessions = excluded.sessions, checksum = excluded.checksum,
                 movement = excluded.movement, attention = excluded.attention, click = excluded.click, first_click = excluded.first_click,
                 rage = excluded.rage, dead = excluded.dead, hesitation = excluded.hesitation, reach = excluded.reach,
                 elements = excluded.elements",
            new.site_id,
            new.page_id,
            new.device,
            new.width_from,
            new.day,
            new.width_to,
            new.views.len() as i32,
            new.sessions,
            new.checksum,
            movement.as_deref(),
            attention.as_deref(),
            click.as_deref(),
            first_click.as_deref(),
            rage.as_deref(),
            dead.as_deref(),
            hesitation.as_deref(),
            reach.as_deref(),
            elements.as_deref()
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Deletes sums of a day: those of page views that are not there any more, and of classes of widths that are others now.
    pub async fn drop_heat_days(&self, day: NaiveDate, keys: &[HeatDayKey]) -> Result<(), StoreError> {
        let sites: Vec<i32> = keys.iter().map(|key| key.0).collect();
        let pages: Vec<i32> = keys.iter().map(|key| key.1).collect();
        let devices: Vec<i16> = keys.iter().map(|key| key.2).collect();
        let widths: Vec<i32> = keys.iter().map(|key| key.3).collect();
        sqlx::query!(
            "delete from core.heat_day h using unnest($2::int4[], $3::int4[], $4::int2[], $5::int4[]) as u(site_id, page_id, device, width_from)
             where h.day = $1 and h.site_id = u.site_id and h.page_id = u.page_id and h.device = u.device and h.width_from = u.width_from",
            day,
            &sites,
            &pages,
            &devices,
            &widths
        )
        .execute(&self.admin)
        .await?;
        Ok(())
    }

    /// Throws the derived heat of a day away, of one site or of all, and makes the day due.
    pub async fn discard_heat(&self, day: NaiveDate, site_id: Option<i32>) -> Result<(), StoreError> {
        let mut transaction = self.admin.begin().await?;
        sqlx::query!(
            "delete from core.heat_view h where h.day = $1
             and ($2::int4 is null or exists (select from core.page_view v where v.page_view_id = h.page_view_id and v.site_id = $2))",
            day,
            site_id
        )
        .execute(&mut *transaction)
        .await?;
        sqlx::query!("delete from core.heat_day where day = $1 and ($2::int4 is null or site_id = $2)", day, site_id)
            .execute(&mut *transaction)
            .await?;
        sqlx::query!("select core.heat_is_due(array[$1::date])", day).fetch_one(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Makes the partitions of a day by the rights of the admin: for days from before there was heat.
    pub async fn ensure_heat_partition(&self, day: NaiveDate) -> Result<(), StoreError> {
        sqlx::query!("select core.ensure_partition($1)", day).fetch_one(&self.admin).await?;
        Ok(())
    }
}
