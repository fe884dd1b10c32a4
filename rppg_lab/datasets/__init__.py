"""Where recordings come from: `made` makes them; a reader of a public dataset stands here beside it, one file each."""
