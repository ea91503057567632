// The wall screen renews itself every minute; the page that was asked to stand still does not load this file.
setTimeout(() => location.reload(), 60_000);
