// The page that shows the UI as its README has it.  Its icons are loaded from where a bundler put them: here they are nothing.
import React from "react";
import ReactDOM from "react-dom/client";
import { appendIconComponentCache } from "@elastic/eui/es/components/icon/icon";
import { typeToPathMap } from "@elastic/eui/es/components/icon/icon_map";
import FeastUI from "@feast-dev/feast-ui";

appendIconComponentCache(Object.fromEntries(Object.keys(typeToPathMap).map((name) => [name, () => null])));
ReactDOM.createRoot(document.getElementById("root")).render(<FeastUI />);
