# Cloud Armor, in front of the api and the stream, with a domain only. The units limit each signed-in owner; Cloud Armor
# limits each address, signed in or not. Rules that search bodies for attacks are left out on purpose: the
# bytes of a photo often look like an attack.

variable "requests_per_minute" {
  description = "Most requests that one address may send in a minute."
  type        = number
  default     = 600

  validation {
    condition     = var.requests_per_minute >= 10 && var.requests_per_minute <= 1000 && floor(var.requests_per_minute) == var.requests_per_minute
    error_message = "requests_per_minute must be a whole number, 10 to 1000: a ban can count at most 10000 requests."
  }
}

variable "ban_s" {
  description = "Seconds for which an address is refused after it has sent ten times as many requests."
  type        = number
  default     = 600

  validation {
    condition     = contains([60, 120, 180, 240, 300, 600, 900, 1200, 1800, 2700, 3600], var.ban_s)
    error_message = "ban_s must be one of 60, 120, 180, 240, 300, 600, 900, 1200, 1800, 2700, 3600."
  }
}

resource "google_compute_security_policy" "media" {
  count = local.has_domain ? 1 : 0

  name        = "media"
  description = "Limits the requests of each address"
  type        = "CLOUD_ARMOR"

  rule {
    priority    = 1000
    action      = "rate_based_ban"
    description = "Limits requests a minute; bans an address that sends ten times as many"

    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      conform_action   = "allow"
      exceed_action    = "deny(429)"
      enforce_on_key   = "IP"
      ban_duration_sec = var.ban_s

      rate_limit_threshold {
        count        = var.requests_per_minute
        interval_sec = 60
      }
      ban_threshold {
        count        = var.requests_per_minute * 10
        interval_sec = 600
      }
    }
  }

  rule {
    priority    = 2147483647
    action      = "allow"
    description = "Everything else"

    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  depends_on = [time_sleep.services_known]
}
