# Identity Platform issues the callers' tokens, unless another issuer does.

variable "identity_platform" {
  description = "Whether to set Identity Platform up. Off for a project that has Firebase Authentication already, or with an auth_issuer of your own."
  type        = bool
  default     = true
}

variable "allow_sign_up" {
  description = "Whether people may make accounts themselves. Off: an administrator makes them."
  type        = bool
  default     = false
}

locals {
  sign_in_api_key = var.identity_platform ? google_identity_platform_config.media[0].client[0].api_key : ""
}

resource "google_identity_platform_config" "media" {
  count = var.identity_platform ? 1 : 0

  authorized_domains = [var.domain]

  sign_in {
    allow_duplicate_emails = false

    email {
      enabled           = true
      password_required = true
    }
  }

  client {
    permissions {
      disabled_user_signup   = !var.allow_sign_up
      disabled_user_deletion = true
    }
  }

  depends_on = [google_project_service.required]
}
