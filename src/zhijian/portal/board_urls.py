"""Addresses of the leader's board, its lists, and the wall screen."""

from django.urls import path

from zhijian.portal.views import board, board_lists

urlpatterns = [
    path("work/leader/", board.board_page, name="leader_board"),
    path("work/leader/live/", board.live_part, name="leader_board_live"),
    path("work/leader/list/<str:topic>/", board_lists.list_page, name="leader_board_list"),
    path("work/leader/walls/", board.walls_page, name="walls"),
    path("wall/", board.wall_page, name="wall"),
]
