# The settings of the worker. worker.tf passes them on.

variable "analysis_model" {
  description = "googleai/MODEL (needs a value in the secret gemini-api-key), vertexai/MODEL (needs no key), openai/MODEL (needs a value in the secret openai-api-key; see openai_base_url), or local/facts, which only measures."
  type        = string

  validation {
    condition     = can(regex("^((googleai|vertexai)/[A-Za-z0-9_.-]+|openai/[A-Za-z0-9_][A-Za-z0-9_.:/@+-]*|local/facts)$", var.analysis_model))
    error_message = "Use for example googleai/gemini-3.5-flash-lite, vertexai/gemini-3.5-flash-lite or openai/MODEL. local/vision cannot be deployed."
  }
}

variable "model_fallback" {
  description = "Other models, separated by commas. They are asked in this order while those before are missing, not paid for, at the end of a quota, or do not answer. Empty: none."
  type        = string
  default     = ""

  validation {
    condition     = alltrue([for name in compact(split(",", var.model_fallback)) : can(regex("^((googleai|vertexai)/[A-Za-z0-9_.-]+|openai/[A-Za-z0-9_][A-Za-z0-9_.:/@+-]*|local/facts)$", trimspace(name)))])
    error_message = "model_fallback must be empty, or models such as vertexai/gemini-3.5-flash-lite or local/facts, separated by commas."
  }
}

variable "embedding_model" {
  description = "Who makes the vectors by which a search finds what means much the same: local/words, a table of words, or googleai/gemini-embedding-2 (needs a value in the secret gemini-api-key, which the api gets too). After a change, all media get new vectors."
  type        = string
  default     = "local/words"

  validation {
    condition     = contains(["local/words", "googleai/gemini-embedding-2"], var.embedding_model)
    error_message = "embedding_model must be local/words or googleai/gemini-embedding-2."
  }
}

variable "gemini_key_version" {
  description = "Version of the secret gemini-api-key. With latest, a new version is used by instances that start after it was added. Write its number to replace all instances at once."
  type        = string
  default     = "latest"

  validation {
    condition     = can(regex("^(latest|[1-9][0-9]*)$", var.gemini_key_version))
    error_message = "gemini_key_version must be latest or a number. See: gcloud secrets versions list gemini-api-key"
  }
}

variable "gemini_base_url" {
  description = "Another address of the Gemini API, e.g. of a proxy. Empty: Google's own."
  type        = string
  default     = ""

  validation {
    condition     = var.gemini_base_url == "" || can(regex("^https://[^\\s]+$", var.gemini_base_url))
    error_message = "gemini_base_url must begin with https://, because the key is sent to it."
  }
}

variable "openai_base_url" {
  description = "Where openai/ models are asked: the address before /chat/completions, such as https://openrouter.ai/api/v1. Empty: OpenAI. Each photo's preview is sent there."
  type        = string
  default     = ""

  validation {
    condition     = var.openai_base_url == "" || can(regex("^https://[^\\s]+$", var.openai_base_url))
    error_message = "openai_base_url must begin with https://, because pictures and the key are sent to it."
  }
}

variable "openai_key_version" {
  description = "Version of the secret openai-api-key, as gemini_key_version."
  type        = string
  default     = "latest"

  validation {
    condition     = can(regex("^(latest|[1-9][0-9]*)$", var.openai_key_version))
    error_message = "openai_key_version must be latest or a number. See: gcloud secrets versions list openai-api-key"
  }
}

variable "openai_price" {
  description = "Price of the openai/ model: US dollars for a million tokens of the prompt, a comma, and of the answer, such as 0.15,0.60. Empty: not known, so the limits in dollars count each call at the dearest price that the code knows."
  type        = string
  default     = ""

  validation {
    condition     = var.openai_price == "" || can(regex("^[0-9]+([.][0-9]+)?,[0-9]+([.][0-9]+)?$", var.openai_price))
    error_message = "openai_price must be two prices, such as 0.15,0.60."
  }
}

variable "openai_flex" {
  description = "Whether the server of openai/ models has the tier flex at half the price: on or off. Null: only if it is OpenAI."
  type        = string
  default     = null

  validation {
    condition     = contains(["on", "off"], coalesce(var.openai_flex, "off"))
    error_message = "openai_flex must be null, on or off."
  }
}

variable "call_timeout_s" {
  description = "Seconds that one call to a model may take for a photo; for a video three times as long. A small server of one's own needs more."
  type        = number
  default     = 60

  validation {
    condition     = var.call_timeout_s >= 1 && var.call_timeout_s <= max(60, var.delivery_budget_s) && floor(var.call_timeout_s) == var.call_timeout_s
    error_message = "call_timeout_s must be a whole number of at least 1 and at most delivery_budget_s, which ends each call."
  }
}

variable "vertex_location" {
  description = "Where vertexai/ models run: global (anywhere in the world, whatever region is), or us or eu if the data must stay there."
  type        = string
  default     = "global"

  validation {
    condition     = contains(["global", "us", "eu"], var.vertex_location)
    error_message = "vertex_location must be global, us or eu: regions such as us-central1 serve none of today's models."
  }
}

variable "capture_location" {
  description = "Whether to store the place that a photo's metadata names: on or off."
  type        = string
  default     = "off"

  validation {
    condition     = contains(["on", "off"], var.capture_location)
    error_message = "capture_location must be on or off."
  }
}

variable "moderation" {
  description = "What is done with media that a model calls unsafe: off, or hold (they are held back until an operator approves them, and so is what was not checked)."
  type        = string
  default     = "off"

  validation {
    condition     = contains(["off", "hold"], var.moderation)
    error_message = "moderation must be off or hold."
  }

  validation {
    condition     = var.moderation == "off" || !startswith(var.analysis_model, "local/")
    error_message = "With moderation = \"hold\", analysis_model must be a model that judges safety. Models of local/ judge nothing, so nothing would ever be shown."
  }
}

variable "preview_max_side" {
  description = "Longer side of the preview that the model gets, in pixels. Null: the most that the model makes use of."
  type        = number
  default     = null

  validation {
    condition     = (var.preview_max_side == null || (coalesce(var.preview_max_side, 1) >= 1 && coalesce(var.preview_max_side, 1) <= 4096)) && floor(coalesce(var.preview_max_side, 1)) == coalesce(var.preview_max_side, 1)
    error_message = "preview_max_side must be null or a whole number, 1 to 4096."
  }
}

variable "lease_s" {
  description = "Seconds until a lease expires. Then another delivery may take over the work of a worker that died."
  type        = number
  default     = 30

  validation {
    condition     = var.lease_s >= 1 && floor(var.lease_s) == var.lease_s
    error_message = "lease_s must be a whole number, at least 1."
  }
}

variable "sweep_quiet_s" {
  description = "Seconds without a write to an unfinished media after which the sweep regards its task as lost."
  type        = number
  default     = 120

  validation {
    condition     = var.sweep_quiet_s > var.lease_s && floor(var.sweep_quiet_s) == var.sweep_quiet_s
    error_message = "sweep_quiet_s must be a whole number, longer than lease_s."
  }
}

variable "max_deliveries" {
  description = "Deliveries of one phase of one attempt before the media fails for good."
  type        = number
  default     = 8

  validation {
    condition     = var.max_deliveries >= 1 && floor(var.max_deliveries) == var.max_deliveries
    error_message = "max_deliveries must be a whole number, at least 1."
  }
}

variable "delivery_budget_s" {
  description = "Seconds for which one delivery may work."
  type        = number
  default     = 240

  validation {
    condition     = var.delivery_budget_s >= 1 && floor(var.delivery_budget_s) == var.delivery_budget_s
    error_message = "delivery_budget_s must be a whole number, at least 1."
  }
}

variable "max_paid_calls" {
  description = "Most calls to a paid model for one media, over all deliveries and attempts. Then the media fails for good."
  type        = number
  default     = 8

  validation {
    condition     = var.max_paid_calls >= 1 && floor(var.max_paid_calls) == var.max_paid_calls
    error_message = "max_paid_calls must be a whole number of at least 1. A photo that is hard to describe needs up to six."
  }
}

variable "max_video_s" {
  description = "Longest video, in seconds, that is sent to a paid model. A second costs about a hundred tokens."
  type        = number
  default     = 600

  validation {
    condition     = var.max_video_s >= 1 && var.max_video_s <= 2700 && floor(var.max_video_s) == var.max_video_s
    error_message = "max_video_s must be a whole number, 1 to 2700: the models accept 45 minutes with sound."
  }
}

variable "max_usd_per_day" {
  description = "US dollars that the analyses of all owners may cost in a day (UTC). What is beyond waits for the next day. \"off\": no limit."
  type        = string
  default     = "20"

  validation {
    condition     = var.max_usd_per_day == "off" || can(regex("^[0-9]+([.][0-9]+)?$", var.max_usd_per_day))
    error_message = "max_usd_per_day must be a number of US dollars such as 20 or 2.5, or off."
  }
}

variable "max_owner_usd_per_day" {
  description = "US dollars that the analyses of one owner may cost in a day (UTC). What is beyond waits for the next day. \"off\": no limit. Not set: 5, or max_usd_per_day where that is less."
  type        = string
  default     = null

  validation {
    condition     = var.max_owner_usd_per_day == null || var.max_owner_usd_per_day == "off" || can(regex("^[0-9]+([.][0-9]+)?$", var.max_owner_usd_per_day))
    error_message = "max_owner_usd_per_day must be a number of US dollars such as 5 or 0.5, or off."
  }

  validation {
    condition     = var.max_usd_per_day == "off" || var.max_owner_usd_per_day == null || var.max_owner_usd_per_day == "off" || try(tonumber(var.max_owner_usd_per_day) <= tonumber(var.max_usd_per_day), false)
    error_message = "max_owner_usd_per_day must be at most max_usd_per_day: one owner could use up the day of all others."
  }
}

locals {
  owner_usd_per_day = var.max_owner_usd_per_day != null ? var.max_owner_usd_per_day : try(tostring(min(5, tonumber(var.max_usd_per_day))), "5")
}
