import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["snippet/test/**/*.test.ts", "templates/assets/test/**/*.test.ts"],
    // `make soak` runs many more cases of each property.
    testTimeout: process.env.FAST_CHECK_RUNS ? 600_000 : 10_000,
  },
});
