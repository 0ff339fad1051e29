# What the units have in common.

locals {
  # Read by Node.js itself.
  process_environment = {
    # Node's young generation grows to three times 16 MB, which a unit with a small heap has no use for.
    # What is streamed is garbage that V8 does not see: functions/process/memory.ts asks it to collect.
    # `npm run deploy:check` compares with local/units.ts.
    NODE_OPTIONS = "--max-semi-space-size=2 --expose-gc"
  }

  # Identity Platform's, which is Firebase Authentication's:
  # https://firebase.google.com/docs/auth/admin/verify-id-tokens
  auth_issuer   = coalesce(var.auth_issuer, "https://securetoken.google.com/${var.project_id}")
  auth_audience = coalesce(var.auth_audience, var.project_id)
}
