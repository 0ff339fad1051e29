# Values that all units share.

locals {
  # Node.js itself reads these.
  process_environment = {
    # By default Node's young generation grows to three times 16 MB, which a unit with a small heap does not need.
    # V8 does not see the bytes that are streamed: functions/process/memory.ts asks it to collect them.
    # `npm run deploy:check` compares this value with local/units.ts.
    NODE_OPTIONS = "--max-semi-space-size=2 --expose-gc"
  }

  # The defaults are those of Identity Platform, which are the same as Firebase Authentication's:
  # https://firebase.google.com/docs/auth/admin/verify-id-tokens
  auth_issuer   = coalesce(var.auth_issuer, "https://securetoken.google.com/${var.project_id}")
  auth_audience = coalesce(var.auth_audience, var.project_id)
}
