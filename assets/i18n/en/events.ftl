# Notifications that came, what was refused, and where sources disagree.
source-notification = in a notification
