import { createApp } from "vue";

import { mousetrailPlugin } from "./mousetrail.js";
import Shop from "./Shop.vue";

createApp(Shop)
  .use(mousetrailPlugin, { site: "PUBLIC_KEY", collector: "https://mouse.example.com/v1", consent: "required" })
  .mount("#root");
