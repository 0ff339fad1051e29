# The settings of the worker; worker.tf hands them over.

variable "analysis_model" {
  description = "googleai/MODEL (needs a value in the secret gemini-api-key), vertexai/MODEL (needs no key), or local/facts, which measures and knows nothing."
  type        = string

  validation {
    condition     = can(regex("^((googleai|vertexai)/[A-Za-z0-9_.-]+|local/facts)$", var.analysis_model))
    error_message = "For example googleai/gemini-3.5-flash-lite or vertexai/gemini-3.5-flash-lite. local/vision is for one machine: its models are not deployed."
  }
}

variable "model_fallback" {
  description = "Another model, asked while the first one is not there, may not be paid for, or has used up its quota of the day; empty: none."
  type        = string
  default     = ""

  validation {
    condition     = var.model_fallback == "" || can(regex("^((googleai|vertexai)/[A-Za-z0-9_.-]+|local/facts)$", var.model_fallback))
    error_message = "A model such as vertexai/gemini-3.5-flash-lite, or local/facts, or nothing."
  }
}

variable "gemini_base_url" {
  description = "Where the Gemini API is reached instead of Google's own address, e.g. through a proxy; empty: Google."
  type        = string
  default     = ""

  validation {
    condition     = var.gemini_base_url == "" || startswith(var.gemini_base_url, "https://")
    error_message = "The key travels there: an https address."
  }
}

variable "vertex_location" {
  description = "Where vertexai/ models run: global, or us or eu if what they are sent must stay there."
  type        = string
  default     = "global"

  validation {
    condition     = contains(["global", "us", "eu"], var.vertex_location)
    error_message = "global, us or eu: regions such as us-central1 serve no model of today."
  }
}

variable "capture_location" {
  description = "Whether the place that a photo tells is kept: on or off."
  type        = string
  default     = "off"

  validation {
    condition     = contains(["on", "off"], var.capture_location)
    error_message = "on or off."
  }
}

variable "preview_max_side" {
  description = "Pixels of the longer side of what a model gets to see; null: as many as the model makes use of."
  type        = number
  default     = null

  validation {
    condition     = var.preview_max_side == null || (coalesce(var.preview_max_side, 1) >= 1 && coalesce(var.preview_max_side, 1) <= 4096)
    error_message = "1 to 4096."
  }
}

variable "lease_s" {
  description = "Seconds after which the work of a worker that died may be taken over."
  type        = number
  default     = 30

  validation {
    condition     = var.lease_s >= 1
    error_message = "At least a second."
  }
}

variable "sweep_quiet_s" {
  description = "Seconds that nothing may happen to a media before the sweeper takes its task for lost."
  type        = number
  default     = 120

  validation {
    condition     = var.sweep_quiet_s > var.lease_s
    error_message = "Longer than a lease."
  }
}

variable "max_deliveries" {
  description = "Claims of one phase of one attempt before the media fails for good."
  type        = number
  default     = 8

  validation {
    condition     = var.max_deliveries >= 1
    error_message = "At least one."
  }
}

variable "delivery_budget_s" {
  description = "Seconds that one delivery may work."
  type        = number
  default     = 240

  validation {
    condition     = var.delivery_budget_s >= 1
    error_message = "At least a second."
  }
}
