# Identity Platform issues the callers' tokens, unless auth_issuer names another issuer.

variable "identity_platform" {
  description = "Whether to set up Identity Platform. Turn it off if the project already has Firebase Authentication, or with an auth_issuer of your own."
  type        = bool
  default     = true
}

variable "allow_sign_up" {
  description = "Whether people may create accounts themselves. If not, an administrator creates them."
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
