# What a deployment is. The settings of a unit are beside the unit: api.tf, worker.tf, stream.tf.

variable "project_id" {
  description = "The Google Cloud project. One deployment a project: names of resources are fixed."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "A project id has 6 to 30 lower-case letters, digits and hyphens. It is the id, not the number or the name."
  }
}

variable "region" {
  description = "Where the units, the queues and the buckets are."
  type        = string
  default     = "us-central1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region looks like us-central1."
  }
}

variable "domain" {
  description = "The host name that page and API are served under. Its A record has to point at the output ip_address."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "A lower-case host name such as media.example.com, without https:// and without a dot at the end."
  }
}

variable "allowed_origins" {
  description = "Origins of other pages that may call the API, e.g. https://app.example.com."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.allowed_origins : can(regex("^https?://[^/*]+$", origin))])
    error_message = "An origin is scheme and host, with no path, no slash at the end and no wildcard."
  }
}

variable "sign_in_origins" {
  description = "Origins that the page's own sign-in script loads from or talks to, for its content security policy."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.sign_in_origins : can(regex("^https://[^/ ;,]+$", origin))])
    error_message = "An origin is https:// and a host, with no path."
  }
}

variable "stream_image" {
  description = "The stream's container image, by tag or digest: REGION-docker.pkg.dev/PROJECT/media/stream:TAG."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]+-docker\\.pkg\\.dev/.+/.+/.+[:@].+$", var.stream_image))
    error_message = "An image in Artifact Registry with its tag or digest, or a new build would not be rolled out."
  }
}

variable "log_level" {
  description = "The least severe line that the units log."
  type        = string
  default     = "info"

  validation {
    condition     = contains(["debug", "info", "warn", "error"], var.log_level)
    error_message = "One of debug, info, warn, error. The alerts count lines of level info."
  }
}

variable "otlp_endpoint" {
  description = "Where the units send OpenTelemetry spans to; empty: nowhere."
  type        = string
  default     = ""

  validation {
    condition     = var.otlp_endpoint == "" || can(regex("^https?://", var.otlp_endpoint))
    error_message = "The address of an OTLP/HTTP collector, or nothing."
  }
}

variable "deletion_protection" {
  description = "Whether Google refuses to delete the database. Turn it off, and apply, before terraform destroy."
  type        = bool
  default     = true
}
