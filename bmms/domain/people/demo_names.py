"""Invented people: first and last names as they are common in the Bangsamoro region and beyond, mixed by chance."""

from random import Random

FIRST_NAMES = (
    "Abdulkarim", "Aisah", "Aleem", "Alma", "Amina", "Anisa", "Arnel", "Asnawi", "Bai Norhata", "Baimon", "Bensar",
    "Carla", "Cecilia", "Daniel", "Datuali", "Edgar", "Elena", "Esmail", "Faisal", "Farhana", "Fatima", "Grace",
    "Hadiguia", "Haron", "Ibrahim", "Indah", "Jamil", "Jasmine", "Jerome", "Johaira", "Jun", "Kalima", "Khalid",
    "Liza", "Lorna", "Maisara", "Manuel", "Mariam", "Marites", "Michael", "Mohaimen", "Nadia", "Nasser", "Noraida",
    "Norhana", "Omar", "Paolo", "Rahima", "Ramon", "Rasul", "Rohana", "Rosalie", "Saada", "Saidamin", "Salma",
    "Samira", "Sarah", "Sittie", "Tarhata", "Teresa", "Thomas", "Usman", "Vicente", "Warda", "Yasmin", "Zainab",
)  # fmt: skip
LAST_NAMES = (
    "Abas", "Abdulla", "Akmad", "Ali", "Amil", "Aragon", "Bantas", "Batuan", "Bautista", "Bennett", "Casan", "Castro",
    "Cruz", "Dalandag", "Daud", "Diaz", "Ebus", "Esmael", "Fernandez", "Flores", "Garcia", "Guiling", "Guro", "Harris",
    "Hassan", "Imam", "Ismael", "Jackson", "Jamil", "Kalim", "Kamid", "Karim", "Kusain", "Latip", "Lim", "Madid",
    "Malaguia", "Malang", "Mamalo", "Manalo", "Mendoza", "Mitmug", "Musa", "Navarro", "Omar", "Pandi", "Parker",
    "Radia", "Ramos", "Reyes", "Sabdani", "Salik", "Santos", "Sarip", "Sulaiman", "Tahil", "Tan", "Torres", "Usop",
    "Villanueva", "Wahab", "Yusop", "Zailon",
)  # fmt: skip
POSITIONS = {
    "pilot_admin": "Information Systems Analyst",
    "pilot_approver": "Division Chief",
    "pilot_planner": "Planning Officer III",
    "pilot_budget_officer": "Budget Officer III",
    "pilot_me_officer": "Monitoring and Evaluation Officer II",
    "pilot_coordinator": "Project Coordinator",
    "pilot_viewer": "Administrative Officer II",
}


def invented_name(random: Random) -> tuple[str, str]:
    """A first and a last name; no real person is meant."""
    return random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
