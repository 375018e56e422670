use chrono::{TimeDelta, Utc};
use mousetrail::collector::Tokens;
use mousetrail::event::{Nonce, PageViewId};
use mousetrail::store::{Pools, Store};
use mousetrail::wire::{Hello, ServerMessage, encode_frame};
use rand::RngExt;

use crate::app::{add_site, spawn_app};
use crate::client::{Client, Heard, frame, frame_bytes, new_page, resumed_page};

#[test]
fn b9_of_a_hundred_thousand_forged_tokens_none_is_good() {
    let (tokens, stranger) = (Tokens::new(rand::random()), Tokens::new(rand::random()));
    let (now, mut random) = (Utc::now(), rand::rng());
    let mut tried = 0;
    while tried < 100_000 {
        let (site, id) = (random.random_range(1..50), PageViewId::new(now, random.random()));
        let good = tokens.issue(site, id, now);
        assert!(tokens.check(&good, site, id, now), "the check can fail");
        let other = PageViewId::new(now, random.random());
        let characters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ ";
        let mut changed = good.clone().into_bytes();
        let at = random.random_range(0..changed.len());
        let byte = characters[random.random_range(0..characters.len())];
        let is_changed = changed[at] != byte;
        changed[at] = byte;
        let forged = [
            (stranger.issue(site, id, now), site, id),
            (tokens.issue(site + 1, id, now), site, id),
            (tokens.issue(site, other, now), site, id),
            (good.clone(), site + 1, id),
            (good.clone(), site, other),
            (tokens.issue_import(site, now), site, id),
            (tokens.issue(site, id, now - TimeDelta::hours(25)), site, id),
            (good[..random.random_range(0..good.len())].to_owned(), site, id),
            (format!("{good}A"), site, id),
            (format!("{good}="), site, id),
            (good.to_lowercase(), site, id),
            ((0..good.len()).map(|_| char::from(characters[random.random_range(0..64)])).collect(), site, id),
            (if is_changed { String::from_utf8(changed).unwrap() } else { String::new() }, site, id),
            // A later expiry before the old hash.
            (format!("{}{}", &tokens.issue(site, id, now + TimeDelta::hours(9))[..11], &good[11..]), site, id),
        ];
        for (token, site, id) in forged {
            assert!(!tokens.check(&token, site, id, now), "{token} for {good}");
            tried += 1;
        }
    }
    println!("b9: {tried} forged tokens");
}

#[actix_web::test]
async fn b9_nobody_adds_to_a_page_view_or_takes_its_seqs_without_its_token() {
    let app = spawn_app().await;
    let other = add_site(&app.server, "k_other", &["*"]).await;
    let (mut victim, id, token) = Client::welcomed(&app).await;
    victim.send(frame_bytes(1)).await;
    victim.hear_ack(1).await;
    let (_, _, own) = {
        let mut attacker = Client::connect(&app).await;
        attacker.hello(&app.site.key, vec![new_page(0, 66)]).await;
        let Heard::Message(ServerMessage::Welcome { id, token, .. }) = attacker.hear().await else { panic!("no welcome") };
        (attacker, id, token)
    };
    let store = Store::new(&app.server, Pools::default());
    let tokens = Tokens::new(store.secret("tokens").await.unwrap());
    store.close().await;
    let (now, number) = (Utc::now(), id.parse::<i64>().unwrap());
    let page_view = PageViewId::from_i64(number).unwrap();
    let mut altered = frame(2);
    altered.t0_ms = 77_777;
    for (site, id, token) in [
        // The attacker's own token for the victim's page view, under either site.
        (&app.site.key, id.clone(), own.clone()),
        (&other.key, id.clone(), own.clone()),
        // The victim's token under the other site.
        (&other.key, id.clone(), token.clone()),
        // Tokens that were good for somebody or something else.
        (&app.site.key, id.clone(), tokens.issue(other.site_id, page_view, now)),
        (&app.site.key, id.clone(), tokens.issue(app.site.site_id, page_view, now - TimeDelta::hours(25))),
        (&app.site.key, id.clone(), tokens.issue_import(app.site.site_id, now)),
        // Ids that are guessed, or spelt in another way.
        (&app.site.key, (number + 1).to_string(), token.clone()),
        (&app.site.key, format!("0{id}"), token.clone()),
        (&app.site.key, format!("+{id}"), token.clone()),
        (&app.site.key, format!(" {id}"), token.clone()),
        (&app.site.key, format!("-{id}"), token.clone()),
        (&app.site.key, "0".to_owned(), token.clone()),
        (&app.site.key, i64::MAX.to_string(), token.clone()),
        (&app.site.key, "9223372036854775808".to_owned(), token.clone()),
        (&app.site.key, String::new(), String::new()),
        (&app.site.key, "1 or 1=1".to_owned(), token.clone()),
    ] {
        for forget in [false, true] {
            let mut attacker = Client::connect(&app).await;
            attacker.hello_with(Hello { forget, ..Hello::new(site.clone(), vec![resumed_page(0, &id, &token)]) }).await;
            let Heard::Message(ServerMessage::Nack { n: 0, seq: None, reason, .. }) = attacker.hear().await else { panic!("taken: {id}") };
            assert_eq!(reason, "token");
            // The next seq of the victim, with other bytes.
            attacker.send(encode_frame(&altered)).await;
            assert!(matches!(attacker.hear().await, Heard::Message(ServerMessage::Nack { seq: Some(2), retry: false, .. })));
        }
    }
    // Another nonce, or the same one under another site, is another page view.
    for (site, nonce) in [(&app.site.key, 2), (&other.key, 1)] {
        let mut attacker = Client::connect(&app).await;
        attacker.hello(site, vec![new_page(0, nonce)]).await;
        let Heard::Message(ServerMessage::Welcome { id: given, acked: 0, .. }) = attacker.hear().await else { panic!("no welcome") };
        assert_ne!(given.to_string(), id);
        attacker.send(encode_frame(&altered)).await;
        attacker.send(frame_bytes(1)).await;
        attacker.hear_ack(2).await;
    }
    assert_ne!(tokens.seed(app.site.site_id, Nonce([1; 16])), tokens.seed(other.site_id, Nonce([1; 16])));
    // The victim loses nothing.
    victim.send(frame_bytes(2)).await;
    victim.hear_ack(2).await;
    let stored =
        app.texts(&format!("select string_agg(offset_ms::text, ' ' order by seq) from core.pointer_chunk where page_view_id = {id}")).await;
    assert_eq!(stored, ["1000 2000"]);
    app.finish().await;
}
