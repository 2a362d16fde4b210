"""Home: what this is, a trained network, the presets, the lessons."""

from pages import guard

guard()

from pages.ui import home, source

home.introduction()
home.first_picture()
home.preset_cards()
home.lesson_list()
source.copy_link("home")
home.code()
