/** Starts the console. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { keepRenewing } from "./session";
import { arrive } from "./sign-in/arriving";
import "./styles.css";
import { texts } from "./texts";
import { Boundary, Broken } from "./ui/boundary";
import { keepFocus } from "./ui/keep-focus";

const root = document.getElementById("root");
if (!root) throw new Error("The document has no element #root.");
document.documentElement.lang = texts.language;
keepRenewing();
keepFocus();
arrive();
addEventListener("hashchange", arrive);
createRoot(root).render(
  <StrictMode>
    <Boundary instead={<Broken />}>
      <App />
    </Boundary>
  </StrictMode>,
);
