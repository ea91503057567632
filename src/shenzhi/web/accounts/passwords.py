"""What a password must be, where Django's own words are not in both languages."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import MinimumLengthValidator

from shenzhi.kernel.labels import label


class LongEnough(MinimumLengthValidator):
    """At least so many characters; length alone, since rules about signs make passwords worse (NIST SP 800-63B)."""

    def get_error_message(self) -> Any:
        return label(
            f"密码太短：至少 {self.min_length} 个字符。",
            f"The password is too short: it takes at least {self.min_length} characters.",
        )
