import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { MousetrailProvider } from "./mousetrail.jsx";
import { Shop } from "./shop.jsx";

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <MousetrailProvider>
      <Shop />
    </MousetrailProvider>
  </StrictMode>,
);
